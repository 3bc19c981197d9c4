from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "confianza.server.people"
    label = "people"
