"""What is commissioned, who writes it, and what was written."""

from annotation.models.assignment import Assignment, LogBatch
from annotation.models.import_run import ImportRefusal, ImportRun
from annotation.models.instruction import Instruction
from annotation.models.project_version import ProjectVersion
from annotation.models.question import Question
from annotation.models.revision import Finding, Revision
from annotation.models.task import Task
from annotation.models.words import InstructionWords, RevisionWords

__all__ = [
    "Assignment",
    "Finding",
    "ImportRefusal",
    "ImportRun",
    "Instruction",
    "InstructionWords",
    "LogBatch",
    "ProjectVersion",
    "Question",
    "Revision",
    "RevisionWords",
    "Task",
]
