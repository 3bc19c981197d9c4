from django.apps import AppConfig


class FundsConfig(AppConfig):
    name = "confianza.server.funds"
    label = "funds"
