"""The reference pages that are made from the code, so that they cannot drift from it.

`python manage.py write_reference` writes them; a test compares.
"""

from collections.abc import Callable, Sequence
from inspect import getdoc
from pathlib import Path

from django.core.management import BaseCommand, get_commands, load_command_class

from annotation.workflow import TASK
from checks.registry import CHECKS
from exports.formats import FORMATS
from exports.workflow import RELEASE
from lib.machine import Machine
from review.stages import PIPELINE

FOLDER = "docs/reference"
OWN_APPS = {"annotation", "audit", "config", "corpus", "experts", "exports", "review"}
EVERY_COMMAND_TAKES = (
    "-h",
    "--version",
    "-v {0,1,2,3}",
    "--settings SETTINGS",
    "--pythonpath PYTHONPATH",
    "--traceback",
    "--no-color",
    "--force-color",
    "--skip-checks",
)
NOTE = "<!-- Written by `make docs` from the code. Do not edit. -->"


def pages() -> dict[str, str]:
    """Return every generated page: file name → text."""
    makers: dict[str, Callable[[], str]] = {
        "states.md": states,
        "checks.md": checks,
        "formats.md": formats,
        "stages.md": stages,
        "commands.md": commands,
    }
    return {name: f"{NOTE}\n{make().rstrip()}\n" for name, make in makers.items()}


def write(root: Path) -> list[Path]:
    """Write all pages below `root`; return those that changed."""
    changed = []
    for name, text in pages().items():
        path = root / FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def states() -> str:
    """Draw both state machines and list their moves."""
    return "\n\n".join([
        "# States and moves",
        ("Each table below is the whole truth: the program refuses any other move, and so does the "
        "database."),
        _machine("A task", TASK, "annotation/workflow.py"),
        _machine("A release", RELEASE, "exports/workflow.py"),
    ])  # fmt: skip


def _machine(title: str, machine: Machine, source: str) -> str:
    rows = [(move.verb, move.source, move.target, move.by) for move in machine.moves]
    return "\n\n".join([
        f"## {title}",
        f"From `{source}`. It begins `{machine.initial}`.",
        f"```mermaid\n{machine.to_mermaid()}\n```",
        _table(("move", "from", "to", "made by"), rows),
    ])  # fmt: skip


def checks() -> str:
    """List every check in the order in which findings are shown."""
    rows = [
        (f"`{check.id}`", str(check.version), check.severity, check.title, check.description)
        for check in CHECKS
    ]
    return "\n\n".join([
        "# Checks",
        ("What is asked of every response. An **error** blocks, a **warning** needs a reason, an "
        "**info** informs. The version goes up when a check's answers may change."),
        _table(("id", "version", "severity", "title", "what it finds"), rows),
        "How to add one: [add a check](../how-to/add-a-check.md).",
    ])  # fmt: skip


def formats() -> str:
    """List every format that a release carries."""
    rows = [
        (
            f"`{entry.slug}`",
            str(entry.version),
            entry.title,
            f"`.{entry.suffix}`",
            _first_line(entry),
            ", ".join(entry.drops) or "nothing",
        )
        for entry in FORMATS
    ]
    return "\n\n".join([
        "# Formats",
        ("A release holds each of these under `formats/<slug>/<split>.<suffix>`, beside the canonical "
        "records. `formats/report.json` says for each how many records it holds, which were left out "
        "and why."),
        _table(("slug", "version", "title", "file", "a row", "what it cannot say"), rows),
        "How to add one: [add a format](../how-to/add-a-format.md).",
    ])  # fmt: skip


def stages() -> str:
    """List every stage of the review pipeline, with its criteria."""
    parts = [
        "# Review stages",
        (
            "A project names the stages its work passes, in order. Two people who disagree, or an "
            "appeal, lead to adjudication."
        ),
    ]
    for stage in PIPELINE:
        facts = [
            ("takes place while the task is", f"`{stage.state}`"),
            ("reviewer's role", f"`{stage.role}`"),
            ("author hidden until the verdict", "yes" if stage.blind else "no"),
            ("needs a valid credential", "yes" if stage.needs_credential else "no"),
            ("rubric version", str(stage.rubric_version)),
        ]
        outcomes = [(f"`{verdict}`", f"`{verb}`") for verdict, verb in stage.outcomes.items()]
        criteria = [
            (item.label, *(item.anchors.get(level, "") for level in ("pass", "fix", "fail")))
            for item in stage.criteria
        ]
        parts += [
            f"## {stage.title} (`{stage.slug}`)",
            stage.purpose,
            _table(("", ""), facts),
            _table(("verdict", "move of the task"), outcomes),
            _table(("criterion", "pass", "fix", "fail"), criteria),
        ]
    return "\n\n".join([*parts, "How to add one: [add a stage](../how-to/add-a-stage.md)."])


def commands() -> str:
    """List every command of the project with its own help."""
    parts = [
        "# Commands",
        (
            "`.venv/bin/python manage.py COMMAND`, or `python manage.py COMMAND` in the container. A "
            "command starts the project's own PostgreSQL and Redis when they are needed and not up."
        ),
    ]
    for name, app in sorted(get_commands().items()):
        if app in OWN_APPS:
            command = load_command_class(str(app), name)
            parts += [f"## {name}", command.help.strip(), f"```\n{_usage(command, name)}\n```"]
            if told := _arguments(command, name):
                parts.append(_table(("argument", "what it does"), told))
    return "\n\n".join(parts)


def _usage(command: BaseCommand, name: str) -> str:
    """Return the usage line without what every Django command takes."""
    usage = " ".join(command.create_parser("manage.py", name).format_usage().split())
    for everywhere in EVERY_COMMAND_TAKES:
        usage = usage.replace(f" [{everywhere}]", "")
    return usage.removeprefix("usage: ")


def _arguments(command: BaseCommand, name: str) -> list[tuple[str, str]]:
    """Return each argument of its own that has a help text, with that text."""
    parser = command.create_parser("manage.py", name)
    every = {option.split()[0] for option in EVERY_COMMAND_TAKES}
    return [
        (f"`{' '.join(action.option_strings) or action.metavar or action.dest}`", action.help)
        for action in parser._actions  # noqa: SLF001  (argparse lists them nowhere else)
        if action.help and (action.dest == "rebuild" or not every & set(action.option_strings))
    ]


def _first_line(thing: object) -> str:
    return (getdoc(type(thing)) or "").partition("\n\n")[0].replace("\n", " ")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")
