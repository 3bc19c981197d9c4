from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "confianza.server.jobs"
    label = "jobs"
