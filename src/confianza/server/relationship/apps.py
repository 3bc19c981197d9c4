from django.apps import AppConfig


class RelationshipConfig(AppConfig):
    name = "confianza.server.relationship"
    label = "relationship"
