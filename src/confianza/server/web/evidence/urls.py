"""Address of the sources."""

from django.urls import path

from confianza.server.web.evidence import views

urlpatterns = [path("sources/", views.sources, name="sources")]
