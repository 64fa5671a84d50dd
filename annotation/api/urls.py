"""REST interface of the writing side."""

from django.urls import path

from annotation.api import imports, views

urlpatterns = [
    path("projects/", views.Projects.as_view(), name="api-projects"),
    path(
        "projects/<slug:slug>/instructions/", views.Instructions.as_view(), name="api-instructions"
    ),
    path("projects/<slug:slug>/tasks/", views.Tasks.as_view(), name="api-tasks"),
    path("projects/<slug:slug>/imports/", imports.Imports.as_view(), name="api-imports"),
    path(
        "projects/<slug:slug>/imports/<uuid:key>/", imports.OneImport.as_view(), name="api-import"
    ),
    path(
        "projects/<slug:slug>/imports/<uuid:key>/start/",
        imports.StartImport.as_view(),
        name="api-import-start",
    ),
    path(
        "projects/<slug:slug>/imports/<uuid:key>/refused.csv",
        imports.ImportRefusals.as_view(),
        name="api-import-refusals",
    ),
    path("tasks/<uuid:key>/timeline/", views.TaskTimeline.as_view(), name="api-task-timeline"),
]
