"""Addresses of authorities, programs, funds and projects."""

from django.urls import path

from confianza.server.web.funds import views

urlpatterns = [
    path("authorities/", views.authorities, name="authorities"),
    path("authorities/<str:code>/", views.authority, name="authority"),
    path("programs/", views.programs, name="programs"),
    path("programs/add/", views.project_add, name="project-add"),
    path("programs/funds/add/", views.funds_add, name="funds-add"),
    path("programs/<slug:code>/approve/", views.project_approve, name="project-approve"),
]
