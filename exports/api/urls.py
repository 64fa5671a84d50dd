"""REST interface of releases."""

from django.urls import path

from exports.api import views

urlpatterns = [
    path("datasets/", views.Datasets.as_view(), name="api-datasets"),
    path("datasets/<slug:slug>/releases/", views.Releases.as_view(), name="api-releases"),
    path(
        "datasets/<slug:slug>/releases/<str:version>/",
        views.OneRelease.as_view(),
        name="api-release",
    ),
    path(
        "datasets/<slug:slug>/releases/<str:version>/files/",
        views.Files.as_view(),
        name="api-release-files",
    ),
    path(
        "datasets/<slug:slug>/releases/<str:version>/files/<path:path>",
        views.OneFile.as_view(),
        name="api-release-file",
    ),
    path(
        "datasets/<slug:slug>/releases/<str:version>/download.zip",
        views.Archive.as_view(),
        name="api-release-archive",
    ),
    path(
        "datasets/<slug:slug>/releases/<str:version>/publish/",
        views.Publish.as_view(),
        name="api-release-publish",
    ),
]
