from django.apps import AppConfig


class AlumniConfig(AppConfig):
    name = "confianza.server.alumni"
    label = "alumni"
