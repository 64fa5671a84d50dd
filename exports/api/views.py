"""Datasets and releases over HTTP, for programs: read, build, publish."""

from typing import Any

from django.db import models
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.permissions import BasePermission, IsAdminUser, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experts.models import User
from exports import queries
from exports.api.serializers import (
    BuildSerializer,
    DatasetSerializer,
    FileSerializer,
    ReleaseSerializer,
)
from exports.errors import NoSuchDataset
from exports.models import Dataset, Release, ReleaseFile
from exports.sending import send_archive, send_file
from exports.services.build import start_build
from exports.services.cut import cut_release
from exports.services.publish import publish_release
from lib.http import ByAge


def dataset_of(request: Request, slug: str) -> Dataset:
    """The dataset, if whoever asks may see it."""
    person = request.user
    assert isinstance(person, User)
    found = queries.datasets_seen_by(person).filter(slug=slug).first()
    if found is None:
        raise NoSuchDataset
    return found


class Datasets(generics.ListAPIView[Dataset]):
    """Datasets you may see."""

    serializer_class = DatasetSerializer
    pagination_class = ByAge

    def get_queryset(self) -> models.QuerySet[Dataset]:
        """Those of one's projects, all for administrators."""
        person = self.request.user
        assert isinstance(person, User)
        return queries.datasets_seen_by(person).prefetch_related("projects")


class Releases(generics.ListAPIView[Release]):
    """Releases of one dataset; POST cuts the next one and starts its build."""

    serializer_class = ReleaseSerializer
    pagination_class = ByAge
    queryset = Release.objects.none()

    def get_permissions(self) -> list[BasePermission]:
        """Anybody who sees the dataset reads; administrators build."""
        return [IsAdminUser()] if self.request.method == "POST" else [IsAuthenticated()]

    def get_queryset(self) -> models.QuerySet[Release]:
        """Published ones, and for administrators all."""
        person = self.request.user
        assert isinstance(person, User)
        found = dataset_of(self.request, self.kwargs["slug"])
        return queries.releases_seen_by(person, found).select_related("dataset")

    @extend_schema(request=BuildSerializer, responses={202: ReleaseSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Cut and start building: 202, then ask the release for its state."""
        given = BuildSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        person: Any = request.user
        release = cut_release(
            dataset=dataset_of(request, slug), bump=given.validated_data["bump"], person=person
        )
        started = start_build(release=release, person=person)
        return Response(ReleaseSerializer(started).data, status=status.HTTP_202_ACCEPTED)


class OneRelease(APIView):
    """One release by its version; those that are not published yet for administrators alone."""

    @extend_schema(responses=ReleaseSerializer)
    def get(self, request: Request, slug: str, version: str) -> Response:
        """Where it stands and what it holds."""
        return Response(ReleaseSerializer(release_of(request, slug, version)).data)


class Files(generics.ListAPIView[ReleaseFile]):
    """The files of one release, with digests."""

    serializer_class = FileSerializer
    pagination_class = ByAge
    queryset = ReleaseFile.objects.none()

    def get_queryset(self) -> models.QuerySet[ReleaseFile]:
        """In order of the key, which is the order of writing."""
        return release_of(self.request, self.kwargs["slug"], self.kwargs["version"]).files.all()


class OneFile(APIView):
    """One file of a release, whole or by byte range."""

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, slug: str, version: str, path: str) -> HttpResponseBase:
        """Its bytes; `Range` and `If-Range` let a broken download go on."""
        person: Any = request.user
        return send_file(request._request, person, release_of(request, slug, version), path)  # noqa: SLF001  (Django's own request inside)


class Archive(APIView):
    """All files of a release in one."""

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, slug: str, version: str) -> HttpResponseBase:
        """A ZIP; `Range` and `If-Range` let a broken download go on."""
        person: Any = request.user
        return send_archive(request._request, person, release_of(request, slug, version))  # noqa: SLF001  (as above)


class Publish(APIView):
    """Publish a built release."""

    permission_classes = [IsAdminUser]

    @extend_schema(request=None, responses=ReleaseSerializer)
    def post(self, request: Request, slug: str, version: str) -> Response:
        """The release as published."""
        person: Any = request.user
        made = publish_release(release=release_of(request, slug, version), person=person)
        return Response(ReleaseSerializer(made).data)


def release_of(request: Request, slug: str, version: str) -> Release:
    """The release of that version; drafts for administrators alone."""
    staff = bool(getattr(request.user, "is_superuser", False))
    return queries.release_of(dataset_of(request, slug), version, unpublished=staff)
