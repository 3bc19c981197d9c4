from django.apps import AppConfig
from django.conf import settings


class EvidenceConfig(AppConfig):
    name = "confianza.server.evidence"
    label = "evidence"

    def ready(self) -> None:
        """Refuse to start with a file of rules that cannot be used, naming what is wrong with it."""
        if settings.TRAINING_RULES:
            from confianza.server.evidence.terms import rules_in_force

            rules_in_force()
