"""Address of trust."""

from django.urls import path

from confianza.server.web.trust import views

urlpatterns = [path("trust/", views.trust, name="trust")]
