"""Addresses of alumni."""

from django.urls import path

from confianza.server.web.alumni import person, posts, report, views

urlpatterns = [
    path("alumni/", views.alumni, name="alumni"),
    path("alumni/enroll/", views.enroll, name="enroll"),
    path("alumni/import/", views.alumni_import, name="alumni-import"),
    path("alumni/graph/", views.graph, name="alumni-graph"),
    path("alumni/posts/", posts.posts, name="alumni-posts"),
    path("alumni/posts/add/", posts.post_add, name="post-add"),
    path("alumni/posts/other/", posts.post_other, name="post-other"),
    path("alumni/posts/leave/", posts.post_leave, name="post-leave"),
    path("alumni/report/", report.report, name="alumni-report"),
    path("alumni/report/update/", report.report_update, name="report-update"),
    path("alumni/report.<slug:form>", report.report_file, name="report-file"),
    path("alumni/<str:pseudonym>/", person.alumnus, name="alumnus"),
    path("alumni/<str:pseudonym>/course/", person.alumnus_course, name="alumnus-course"),
    path("alumni/<str:pseudonym>/post/", person.alumnus_post, name="alumnus-post"),
    path("alumni/<str:pseudonym>/withdraw/", person.alumnus_withdraw, name="alumnus-withdraw"),
    path("alumni/<str:pseudonym>/share/", person.alumnus_share, name="alumnus-share"),
    path("alumni/<str:pseudonym>/identity/", person.alumnus_identity, name="alumnus-identity"),
    path("alumni/<str:pseudonym>/export/", person.alumnus_export, name="alumnus-export"),
    path("alumni/<str:pseudonym>/erase/", person.alumnus_erase, name="alumnus-erase"),
]
