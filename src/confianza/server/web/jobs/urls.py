"""Addresses of imports and other long work."""

from django.urls import path

from confianza.server.web.jobs import views

urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/add/", views.job_add, name="job-add"),
    path("jobs/<int:number>/cancel/", views.job_cancel, name="job-cancel"),
]
