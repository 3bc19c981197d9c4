"""Addresses of alumni."""

from django.urls import path

from confianza.server.web.alumni import views

urlpatterns = [
    path("alumni/", views.alumni, name="alumni"),
    path("alumni/enrol/", views.enrol, name="enrol"),
    path("alumni/import/", views.alumni_import, name="alumni-import"),
    path("alumni/graph/", views.graph, name="alumni-graph"),
    path("alumni/posts/", views.posts, name="alumni-posts"),
    path("alumni/posts/add/", views.post_add, name="post-add"),
    path("alumni/posts/other/", views.post_other, name="post-other"),
    path("alumni/posts/leave/", views.post_leave, name="post-leave"),
    path("alumni/report/", views.report, name="alumni-report"),
    path("alumni/report/update/", views.report_update, name="report-update"),
    path("alumni/report.<slug:form>", views.report_file, name="report-file"),
    path("alumni/<str:pseudonym>/", views.alumnus, name="alumnus"),
    path("alumni/<str:pseudonym>/course/", views.alumnus_course, name="alumnus-course"),
    path("alumni/<str:pseudonym>/post/", views.alumnus_post, name="alumnus-post"),
    path("alumni/<str:pseudonym>/withdraw/", views.alumnus_withdraw, name="alumnus-withdraw"),
    path("alumni/<str:pseudonym>/share/", views.alumnus_share, name="alumnus-share"),
    path("alumni/<str:pseudonym>/identity/", views.alumnus_identity, name="alumnus-identity"),
    path("alumni/<str:pseudonym>/export/", views.alumnus_export, name="alumnus-export"),
    path("alumni/<str:pseudonym>/erase/", views.alumnus_erase, name="alumnus-erase"),
]
