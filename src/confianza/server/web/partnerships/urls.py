"""Addresses of partnerships: choosing one, adding one, and its parties, institutions, counterparts and funds."""

from django.urls import path

from confianza.server.web.partnership_address import choose
from confianza.server.web.partnerships import views

urlpatterns = [
    path("choose/", choose, name="partnership-choose"),
    path("partnerships/", views.partnerships, name="partnerships"),
    path("partnerships/<slug:kind>/add/", views.add, name="partnership-add"),
]
