"""Instructions from a file, over HTTP: send it, look at the dry run, start it, fetch what was refused.

Only instructions come in this way. Answers in the file stay where they are, as they do on the page.
"""

from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.serializers import ImportRunSerializer, NewImportSerializer
from annotation.importing.refusals import as_table
from annotation.models import ImportRun
from annotation.services.import_runs import refusals_of, send_file, start_import
from experts.enums import Role
from experts.models import Project, User
from experts.queries import projects_held_by
from lib.http import ByAge


def person_of(request: Request) -> User:
    """Whoever asks; the default permission lets only people who signed in come this far."""
    assert isinstance(request.user, User)
    return request.user


def led_project(request: Request, slug: str) -> Project:
    """The project, if whoever asks leads it; to everybody else it does not exist."""
    return get_object_or_404(projects_held_by(person_of(request), Role.LEAD), slug=slug)


class Imports(generics.ListAPIView[ImportRun]):
    """The files brought into one project, oldest first. POST sends another and starts its dry run."""

    serializer_class = ImportRunSerializer
    pagination_class = ByAge
    queryset = ImportRun.objects.none()
    parser_classes = [MultiPartParser]

    def get_queryset(self) -> QuerySet[ImportRun]:
        project = led_project(self.request, self.kwargs["slug"])
        return ImportRun.objects.filter(project=project).select_related("project")

    @extend_schema(request=NewImportSerializer, responses={202: ImportRunSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """202 and the run; ask it for its state until that is `checked` or `failed`."""
        project = led_project(request, slug)
        given = NewImportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        run = send_file(
            project=project,
            upload=given.validated_data["file"],
            files=given.validated_data.get("files"),
            plan=given.plan(),
            actor=person_of(request),
        )
        return Response(ImportRunSerializer(run).data, status=status.HTTP_202_ACCEPTED)


class OneImport(APIView):
    """One file on its way in."""

    @extend_schema(responses=ImportRunSerializer)
    def get(self, request: Request, slug: str, key: str) -> Response:
        """Where it stands, with the counts so far."""
        return Response(ImportRunSerializer(run_of(request, slug, key)).data)


class StartImport(APIView):
    """Carry out what the dry run showed."""

    @extend_schema(request=None, responses={202: ImportRunSerializer})
    def post(self, request: Request, slug: str, key: str) -> Response:
        """202 and the run; refused with 409 unless its dry run is done."""
        run = start_import(run_id=run_of(request, slug, key).pk, actor=person_of(request))
        return Response(ImportRunSerializer(run).data, status=status.HTTP_202_ACCEPTED)


class ImportRefusals(APIView):
    """The rows that were not taken."""

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, slug: str, key: str) -> StreamingHttpResponse:
        """Line, field, reason and the beginning of the value, as CSV."""
        lines = as_table(refusals_of(run_of(request, slug, key)))
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")


def run_of(request: Request, slug: str, key: Any) -> ImportRun:
    """The run of that key in a project that whoever asks leads."""
    runs = ImportRun.objects.select_related("project", "created_by")
    return get_object_or_404(runs, project=led_project(request, slug), key=key)
