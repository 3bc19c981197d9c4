from django.apps import AppConfig


class StudentsConfig(AppConfig):
    name = "confianza.server.alumni"
    label = "students"
