"""Addresses of recorded acts and of sources."""

from django.urls import path

from confianza.server.web.evidence import views

urlpatterns = [
    path("history/", views.history, name="history"),
    path("sources/", views.sources, name="sources"),
]
