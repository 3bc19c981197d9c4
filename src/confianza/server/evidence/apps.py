from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "confianza.server.evidence"
    label = "evidence"
