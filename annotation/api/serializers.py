"""What the API shows of projects, instructions and tasks."""

from rest_framework import serializers

from annotation.models import Instruction, Task
from audit.models import Event
from experts.models import Project


class ProjectSerializer(serializers.ModelSerializer[Project]):
    """A project and what its current version asks for."""

    class Meta:
        model = Project
        fields = ["slug", "name", "created_at", "archived_at"]


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
            "due_at",
            "created_at",
        ]


class EventSerializer(serializers.ModelSerializer[Event]):
    """One step of a task's life."""

    class Meta:
        model = Event
        fields = ["at", "verb", "data"]
