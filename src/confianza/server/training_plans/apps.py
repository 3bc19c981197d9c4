from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "confianza.server.training_plans"
    label = "training"
