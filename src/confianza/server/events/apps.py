from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "confianza.server.events"
    label = "events"
