"""An instruction and its later versions: which one is asked now, what it says otherwise, and why."""

from dataclasses import dataclass

from annotation.models import Instruction
from annotation.versions import changes_between
from audit.queries import events_of


@dataclass(frozen=True)
class Correction:
    """The version that is asked now. `changes` are parts as components/diff.html shows them."""

    newest: Instruction
    changes: list[tuple[str, str]]
    why: str


def newest_version_of(instruction: Instruction) -> Instruction:
    """The instruction as it stands after all corrections."""
    return Instruction.objects.filter(series=instruction.series).latest("version")


def correction_of(instruction: Instruction) -> Correction | None:
    """What became of an instruction since this version of it; None while it stands."""
    newest = newest_version_of(instruction)
    if newest.pk == instruction.pk:
        return None
    return Correction(newest, _changes(instruction, newest), _why(newest))


def what_it_corrects(instruction: Instruction) -> Correction | None:
    """What this version corrected; None for a first version."""
    before = Instruction.objects.filter(
        series=instruction.series, version=instruction.version - 1
    ).first()
    if before is None:
        return None
    return Correction(instruction, _changes(before, instruction), _why(instruction))


def _changes(before: Instruction, after: Instruction) -> list[tuple[str, str]]:
    return changes_between(_texts(before), _texts(after))


def _texts(instruction: Instruction) -> dict[str, str]:
    """Everything about an instruction that is read, place by place."""
    said = {
        f"message {place}": str(message.get("content") or "")
        for place, message in enumerate(instruction.messages)
    }
    asked = {
        f"requirement {place}": str(one["text"])
        for place, one in enumerate(instruction.requirements)
    }
    given = {
        f"evidence {place}": "\n".join(
            str(one[name]) for name in ("title", "text", "url") if one.get(name)
        )
        for place, one in enumerate(instruction.evidence)
    }
    return said | asked | given


def _why(instruction: Instruction) -> str:
    """What the lead said was wrong with the version before."""
    event = events_of(instruction).filter(verb="annotation.instruction_corrected").first()
    return str(event.data.get("why", "")) if event else ""
