from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    name = "confianza.server.programs"
    label = "programs"
