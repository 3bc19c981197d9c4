from django.apps import AppConfig


class TrainingPlansConfig(AppConfig):
    name = "confianza.server.training_plans"
    label = "training_plans"
