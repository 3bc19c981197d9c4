from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "confianza.server.web"
    label = "web"
