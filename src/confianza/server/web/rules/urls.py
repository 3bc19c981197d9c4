"""Addresses of rulebooks and the audit log."""

from django.urls import path

from confianza.server.web.rules import views

urlpatterns = [
    path("rules/", views.rules, name="rules"),
    path("rules/<slug:name>/", views.edition, name="edition"),
    path("rules/<slug:name>/process.bpmn", views.edition_bpmn, name="edition-bpmn"),
    path("rules/<slug:name>/to/<slug:other>/", views.edition_diff, name="edition-diff"),
    path("audit/", views.audit, name="audit"),
]
