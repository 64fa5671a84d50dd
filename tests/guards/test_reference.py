"""The documentation says what the code says."""

import re
from pathlib import Path

import pytest

from annotation.enums import TaskState
from annotation.workflow import TASK
from checks.registry import CHECKS
from config import reference
from exports.formats import FORMATS
from exports.workflow import RELEASE
from review.stages import PIPELINE

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


@pytest.mark.parametrize("name", sorted(reference.pages()))
def test_generated_page_is_current(name):
    written = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert written == reference.pages()[name], "run `make docs`"


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("checks.md", [check.id for check in CHECKS]),
        ("formats.md", [entry.slug for entry in FORMATS]),
        ("stages.md", [stage.slug for stage in PIPELINE]),
        ("states.md", [*TASK.states(), *RELEASE.states()]),
    ],
)
def test_everything_has_its_place_in_the_reference(page, names):
    text = (DOCS / "reference" / page).read_text(encoding="utf-8")
    assert [name for name in names if name not in text] == []


def test_every_state_of_a_task_is_reached_by_the_table():
    assert set(TASK.states()) == set(TaskState.values)


def test_every_link_between_pages_leads_somewhere():
    broken = []
    for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            path = target.partition("#")[0]
            elsewhere = "://" in path or path.startswith("mailto:")
            if path and not elsewhere and not (page.parent / path).exists():
                broken.append(f"{page.relative_to(ROOT)} → {target}")
    assert broken == []


def test_every_decision_has_a_number_of_its_own_and_the_four_parts():
    numbers, incomplete = [], []
    for page in sorted((DOCS / "adr").glob("[0-9]*.md")):
        numbers.append(page.name[:4])
        text = page.read_text(encoding="utf-8")
        if not all(
            f"## {part}" in text for part in ("Context", "Decision", "Consequences", "Rejected")
        ):
            incomplete.append(page.name)
    assert len(numbers) == len(set(numbers))
    assert incomplete == []


def test_every_setting_from_the_environment_is_explained():
    read = set()
    for source in [*(ROOT / "config").rglob("*.py"), ROOT / "lib" / "embedded" / "services.py"]:
        read |= set(
            re.findall(
                r"env(?:ironment)?\.(?:\w+)\(\s*\"([A-Z][A-Z0-9_]+)\"", source.read_text("utf-8")
            )
        )
    read |= set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text("utf-8")))
    # Passed on to a server's own container, under names of its choosing.
    read -= {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}
    explained = set(
        re.findall(r"`([A-Z][A-Z0-9_]+)`", (DOCS / "reference" / "settings.md").read_text("utf-8"))
    )
    assert sorted(read - explained) == []
    assert len(read) > 20
    read_anywhere = "".join(
        source.read_text("utf-8")
        for source in [
            *(ROOT / "config").rglob("*.py"),
            *(ROOT / "lib").rglob("*.py"),
            ROOT / "docker-compose.yml",
        ]
    )
    assert [name for name in sorted(explained) if name not in read_anywhere] == []
