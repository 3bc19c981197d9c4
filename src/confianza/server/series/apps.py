from django.apps import AppConfig


class SeriesConfig(AppConfig):
    name = "confianza.server.series"
    label = "series"
