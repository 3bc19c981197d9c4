"""Addresses of training plans."""

from django.urls import path

from confianza.server.web.training_plans import views

urlpatterns = [
    path("training-plans/", views.plans, name="training-plans"),
    path("training-plans/open/", views.plan_open, name="training-plan-open"),
    path("training-plans/<str:code>/", views.track, name="training-plan"),
    path("training-plans/<str:code>/lines/", views.line_add, name="line-add"),
    path("training-plans/<str:code>/students/", views.nominate, name="nominate"),
    path("training-plans/<str:code>/combined/", views.combined, name="combined-plan"),
    path("training-plans/<str:code>/order/", views.order, name="travel-order"),
    path("training-plans/<str:code>/list.<slug:form>", views.plan_file, name="training-list"),
    path("training-plans/<str:code>/<slug:step>/", views.track_step, name="training-plan-step"),
]
