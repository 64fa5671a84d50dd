"""What the API shows of projects, instructions and tasks."""

from datetime import date

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotation.due import day_of
from annotation.importing.plan import Plan, aliases_named, pairs_named
from annotation.models import ImportRun, Instruction, Task
from audit.models import Event
from experts.models import Project


class ProjectSerializer(serializers.ModelSerializer[Project]):
    """A project and what its current version asks for."""

    class Meta:
        model = Project
        fields = ["slug", "name", "created_at", "archived_at", "archived_reason"]


class InstructionSerializer(serializers.ModelSerializer[Instruction]):
    """An instruction as it was imported."""

    project = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)
    domain = serializers.CharField(source="domain.path", read_only=True)

    class Meta:
        model = Instruction
        fields = [
            "key",
            "series",
            "version",
            "project",
            "external_id",
            "messages",
            "evidence",
            "tools",
            "requirements",
            "target_kind",
            "domain",
            "language",
            "difficulty",
            "task_type",
            "tags",
            "created_at",
        ]


class TaskSerializer(serializers.ModelSerializer[Task]):
    """Where a wanted response stands; who writes it stays inside the platform."""

    project = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)
    instruction = serializers.UUIDField(source="instruction.key", read_only=True)
    domain = serializers.CharField(source="domain.path", read_only=True)
    due_on = serializers.SerializerMethodField(
        help_text="The day by which it is wanted; `due_at` is the moment at which that day is over everywhere."
    )

    class Meta:
        model = Task
        fields = [
            "key",
            "project",
            "instruction",
            "domain",
            "language",
            "difficulty",
            "state",
            "state_since",
            "priority",
            "due_on",
            "due_at",
            "created_at",
        ]

    def get_due_on(self, task: Task) -> date | None:
        """The day alone."""
        return day_of(task.due_at) if task.due_at else None


class ImportRunSerializer(serializers.ModelSerializer[ImportRun]):
    """A file on its way in. The counts are those of the dry run until the import itself begins."""

    project = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)

    class Meta:
        model = ImportRun
        fields = [
            "key",
            "project",
            "name",
            "size",
            "plan",
            "state",
            "read",
            "added",
            "present",
            "refused",
            "answers",
            "misnamed",
            "problem",
            "created_at",
            "state_since",
        ]


@extend_schema_field(OpenApiTypes.BINARY)
class SentFile(serializers.FileField):
    """A part of a form that holds a file; described as its bytes, not as an address."""


class NewImportSerializer(serializers.Serializer[ImportRun]):
    """A file and how to read it; the same words as the command's options."""

    file = SentFile(allow_empty_file=True, help_text="Like on the page; also .gz.")
    files = SentFile(
        required=False,
        allow_empty_file=True,
        help_text="A ZIP of the images and PDFs that the rows name by their path, up to 2 GB.",
    )
    map = serializers.ListField(
        child=serializers.CharField(), default=list, help_text="FIELD=COLUMN, again for each."
    )
    set = serializers.ListField(
        child=serializers.CharField(), default=list, help_text="FIELD=VALUE for rows without one."
    )
    alias = serializers.ListField(
        child=serializers.CharField(), default=list, help_text="WORD=DOMAIN, again for each."
    )
    encoding = serializers.CharField(default="", allow_blank=True)
    sheet = serializers.CharField(default="", allow_blank=True)

    def plan(self) -> Plan:
        """What was said, as a plan; raises FileRefused for a field that does not exist."""
        given = self.validated_data
        return Plan(
            columns=pairs_named(given["map"], "map"),
            constants=pairs_named(given["set"], "set"),
            aliases=aliases_named(given["alias"], "alias"),
            encoding=given["encoding"],
            sheet=given["sheet"],
        )


class EventSerializer(serializers.ModelSerializer[Event]):
    """One step of a task's life."""

    class Meta:
        model = Event
        fields = ["at", "verb", "data"]
