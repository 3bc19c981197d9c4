from django.apps import AppConfig
from django.conf import settings


class TrainingReportsConfig(AppConfig):
    name = "confianza.server.training_reports"
    label = "training_reports"

    def ready(self) -> None:
        """Refuse to start with a file of rules that cannot be used, naming what is wrong with it."""
        if settings.TRAINING_RULES:
            from confianza.server.training_reports.terms import rules_in_force

            rules_in_force()
