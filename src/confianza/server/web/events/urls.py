"""Addresses of event data."""

from django.urls import path

from confianza.server.web.events import views

urlpatterns = [path("events/", views.events, name="events")]
