from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "confianza.server.audit"
    label = "audit"
