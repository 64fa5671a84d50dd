"""The writing side over HTTP, for programs: read everything, write no response.

Responses are written in the browser by the signed-in author alone; there is no resource for them here.
"""

from typing import Any

from django.db import models
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.serializers import (
    EventSerializer,
    InstructionSerializer,
    ProjectSerializer,
    TaskSerializer,
)
from annotation.enums import TaskState
from annotation.models import Instruction, Task
from annotation.overview import DUE_WORDS, instructions_in, tasks_in
from audit.queries import events_of
from experts.enums import Role
from experts.models import Project, User
from experts.queries import projects_held_by
from lib.http import ByAge

# Who may read a project's instructions and progress over the API.
READERS = (Role.LEAD, Role.OBSERVER)


def readable_projects(person: Any) -> models.QuerySet[Project]:
    """The projects that this person may read over the API, archived ones too."""
    assert isinstance(person, User)
    return projects_held_by(person, *READERS)


@extend_schema(parameters=[OpenApiParameter("archived", bool)])
class Projects(generics.ListAPIView[Project]):
    """Projects you lead or observe that are at work; with `archived=true` those that are archived."""

    serializer_class = ProjectSerializer
    pagination_class = ByAge

    def get_queryset(self) -> models.QuerySet[Project]:
        archived = self.request.query_params.get("archived", "").lower() in {"true", "1"}
        return readable_projects(self.request.user).filter(archived_at__isnull=not archived)


@extend_schema(parameters=[OpenApiParameter("words")])
class Instructions(generics.ListAPIView[Instruction]):
    """The instructions of one project, oldest first; with `words` those that hold all of them."""

    serializer_class = InstructionSerializer
    pagination_class = ByAge
    queryset = Instruction.objects.none()

    def get_queryset(self) -> models.QuerySet[Instruction]:
        project = get_object_or_404(readable_projects(self.request.user), slug=self.kwargs["slug"])
        words = self.request.query_params.get("words", "")
        return instructions_in(project, {"words": words}).select_related("project", "domain")


@extend_schema(
    parameters=[
        OpenApiParameter("state", enum=TaskState.values),
        OpenApiParameter("due", enum=list(DUE_WORDS)),
        OpenApiParameter("words", description="In the instruction, all of them, in any order."),
    ]
)
class Tasks(generics.ListAPIView[Task]):
    """The tasks of one project, all or in one state, or by the day they are wanted by."""

    serializer_class = TaskSerializer
    pagination_class = ByAge
    queryset = Task.objects.none()

    def get_queryset(self) -> models.QuerySet[Task]:
        project = get_object_or_404(readable_projects(self.request.user), slug=self.kwargs["slug"])
        asked = self.request.query_params
        chosen = {name: asked.get(name, "") for name in ("state", "due", "words")}
        return tasks_in(project, chosen).select_related("project", "instruction", "domain")


class TaskTimeline(APIView):
    """What happened to one task, oldest first."""

    @extend_schema(responses=EventSerializer(many=True))
    def get(self, request: Request, key: str) -> Response:
        task = get_object_or_404(Task, key=key, project__in=readable_projects(request.user))
        return Response(EventSerializer(events_of(task), many=True).data)
