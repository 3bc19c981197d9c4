from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "confianza.server.indicators"
    label = "indicators"
