"""Addresses of institutions and force profiles."""

from django.urls import path

from confianza.server.web.institutions import views

urlpatterns = [
    path("institutions/", views.institutions, name="institutions"),
    path("institutions/<slug:code>/", views.institution, name="institution"),
    path("profile/", views.profile, name="profile"),
    path("profile/indicators.<slug:form>", views.export, name="profile-export"),
    path("profile/files/<slug:digest>/", views.release_file, name="profile-file"),
]
