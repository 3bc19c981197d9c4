"""Address of the partnership."""

from django.urls import path

from confianza.server.web.partnership import views

urlpatterns = [path("", views.partnership, name="partnership")]
