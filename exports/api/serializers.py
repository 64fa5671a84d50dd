"""Datasets and releases as JSON."""

from typing import Any

from rest_framework import serializers

from exports.enums import Bump
from exports.models import Dataset, Release, ReleaseFile


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    """A dataset and its rules."""

    projects: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        slug_field="slug", many=True, read_only=True
    )

    class Meta:
        model = Dataset
        fields = [
            "slug",
            "title",
            "description",
            "projects",
            "selection",
            "mixture",
            "shares",
            "preference_pairs",
            "licence",
        ]
        read_only_fields = fields


class ReleaseSerializer(serializers.ModelSerializer[Release]):
    """A release: where it stands and what it holds."""

    dataset: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        slug_field="slug", read_only=True
    )
    version = serializers.CharField(read_only=True)
    records = serializers.IntegerField(source="snapshot.records", read_only=True)
    splits = serializers.DictField(source="snapshot.splits", read_only=True)
    changes = serializers.DictField(source="snapshot.changes", read_only=True)

    class Meta:
        model = Release
        fields = [
            "id",
            "dataset",
            "version",
            "state",
            "records",
            "splits",
            "changes",
            "manifest_sha256",
            "problem",
            "advisory",
            "cut_at",
            "published_at",
            "withdrawn_reason",
            "withdrawn_note",
        ]
        read_only_fields = fields


class FileSerializer(serializers.ModelSerializer[ReleaseFile]):
    """One file of a release."""

    class Meta:
        model = ReleaseFile
        fields = ["path", "sha256", "bytes", "records", "rows", "split", "schema"]
        read_only_fields = fields


class BuildSerializer(serializers.Serializer[dict[str, str]]):
    """The wish for a release."""

    bump = serializers.ChoiceField(
        choices=Bump.choices,
        required=False,
        default="",
        help_text="Empty: the smallest honest step.",
    )
