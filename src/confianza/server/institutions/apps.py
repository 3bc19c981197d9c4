from django.apps import AppConfig


class InstitutionsConfig(AppConfig):
    name = "confianza.server.institutions"
    label = "institutions"
