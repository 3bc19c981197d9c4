"""Addresses of accounts, of signing in and out."""

from django.urls import path

from confianza.server.web.people import views

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("people/", views.people, name="people"),
    path("people/<int:number>/", views.person, name="person"),
    path("people/<int:number>/<slug:change>/", views.person_change, name="person-change"),
    path("password/", views.own_password, name="password"),
]
