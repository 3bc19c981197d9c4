"""Address of the seat plan."""

from django.urls import path

from confianza.server.web.planning import views

urlpatterns = [path("seat-plan/", views.seat_plan, name="seat-plan")]
