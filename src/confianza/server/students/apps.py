from django.apps import AppConfig


class StudentsConfig(AppConfig):
    name = "confianza.server.students"
    label = "students"
