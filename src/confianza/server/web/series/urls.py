"""The address of the series of a pair."""

from django.urls import path

from confianza.server.web.series import views

urlpatterns = [
    path("series/", views.series, name="series"),
]
