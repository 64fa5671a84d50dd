"""REST interface of the writing side."""

from django.urls import path

from annotation.api import views

urlpatterns = [
    path("projects/", views.Projects.as_view(), name="api-projects"),
    path(
        "projects/<slug:slug>/instructions/", views.Instructions.as_view(), name="api-instructions"
    ),
    path("projects/<slug:slug>/tasks/", views.Tasks.as_view(), name="api-tasks"),
    path("tasks/<uuid:key>/timeline/", views.TaskTimeline.as_view(), name="api-task-timeline"),
]
