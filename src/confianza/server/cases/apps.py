from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "confianza.server.cases"
    label = "cases"
