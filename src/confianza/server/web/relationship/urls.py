"""Addresses of the records of a relationship."""

from django.urls import path

from confianza.server.web.relationship import overviews, views

urlpatterns = [
    path("relationship/", overviews.relationship, name="relationship"),
    path("promises/", overviews.promises, name="promises"),
    path("safeguards/", overviews.safeguards, name="safeguards"),
    path("foundations/", overviews.foundations, name="foundations"),
    path("levels/", overviews.levels, name="levels"),
    path("records/", views.records, name="records"),
    path("records/new/", views.record_new, name="record-new"),
    path("records/new/<slug:kind>/", views.record_add, name="record-add"),
    path("records/<slug:record_id>/", views.record, name="record"),
    path("records/<slug:record_id>/confirm/", views.record_confirm, name="record-confirm"),
    path("records/<slug:record_id>/contest/", views.record_contest, name="record-contest"),
    path("records/<slug:record_id>/code/", views.record_code, name="record-code"),
    path("records/<slug:record_id>/withdraw/", views.record_withdraw, name="record-withdraw"),
    path("records/<slug:record_id>/publish/", views.record_publish, name="record-publish"),
]
