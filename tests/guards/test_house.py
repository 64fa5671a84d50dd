"""Rules of the house that a linter does not know."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from django.core.management import call_command

from config.celery import app

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = packages_distributions()
APPS = ("annotation", "audit", "config", "corpus", "experts", "exports", "review")
WRITES = {
    "save", "create", "bulk_create", "bulk_update", "update", "update_or_create", "get_or_create", "delete",
}  # fmt: skip
# Methods of that name on things that are no rows: dictionaries, sets, hashes, forms' own data.
HARMLESS_OWNERS = {
    "cache",
    "hashlib",
    "digest",
    "seen",
    "session",
    "headers",
    "params",
    "query",
    "context",
}


def tracked(*patterns):
    """The files of the project: what git knows or would add, never what it ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def sources(folder):
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)


def texts(*patterns):
    for path in tracked(*patterns):
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


@pytest.mark.parametrize(
    "command",
    ["-m ruff check .", "-m ruff format --check .", "tools/lint_imports.py", "-m djlint --quiet --lint templates"],
)  # fmt: skip
def test_style_imports_and_templates_are_as_the_linters_want(command):
    """What `make lint` asks, so that nothing unstyled lands on a green run. Types take too long for here."""
    asked = subprocess.run(
        [sys.executable, *command.split()], cwd=ROOT, capture_output=True, check=False, text=True
    )
    assert asked.returncode == 0, asked.stdout + asked.stderr


def test_views_write_nothing():
    """A view calls a service; only services touch rows."""
    found = []
    for name in APPS:
        for path in [*sources(f"{name}/views"), *sources(f"{name}/api"), ROOT / name / "views.py"]:
            if not path.is_file():
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                    continue
                owner = node.func.value
                last = getattr(owner, "attr", getattr(owner, "id", ""))
                through_manager = "objects" in ast.dump(owner)
                on_a_row = through_manager or node.func.attr in {"save", "delete", "bulk_create"}
                if node.func.attr in WRITES and last not in HARMLESS_OWNERS and on_a_row:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)[:80]}")
    assert found == []


def test_no_signals_and_no_save_overrides():
    found = []
    for name in APPS:
        for path in sources(name):
            text = path.read_text(encoding="utf-8")
            if "django.db.models.signals" in text or re.search(r"def save\(self", text):
                found.append(str(path.relative_to(ROOT)))
    assert found == []


def test_no_drawers_for_everything():
    drawers = {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert [
        str(path)
        for name in (*APPS, "lib", "checks")
        for path in sources(name)
        if path.name in drawers
    ] == []


@pytest.mark.django_db
def test_migrations_say_what_the_models_say():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_every_job_by_the_clock_exists():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_every_job_that_is_sent_exists():
    app.loader.import_default_modules()
    sent = {
        name
        for folder in APPS
        for path in sources(folder)
        for name in re.findall(
            r"enqueue_on_commit\(\s*\"([\w.]+)\"", path.read_text(encoding="utf-8")
        )
    }
    assert sent <= set(app.tasks)


def test_templates_hold_no_script_and_no_style_of_their_own():
    """The content security policy forbids them; the page would be broken without a word."""
    patterns = {
        "inline script": r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>\s*\S",
        "style attribute": r"<[^>]+\sstyle=",
        "style element": r"<style\b",
        "on… attribute": r"<[^>]+\son[a-z]+=",
        "javascript: link": r"javascript:",
    }
    found = [
        f"{name}: {what}"
        for name, text in texts("*.html")
        for what, pattern in patterns.items()
        if re.search(pattern, text, re.IGNORECASE)
    ]
    assert found == []


def test_no_file_names_the_host_of_a_package_registry():
    # Written in pieces, or this file would name them.
    hosts = "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("registry", "npmjs"),
            ("registry", "yarnpkg"),
            ("npmjs", "org"),
        )
    )
    assert [name for name, text in texts() if re.search(hosts, text)] == []


def test_no_notes_to_self_are_left():
    left = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")
    found = [
        name
        for name, text in texts("*.py", "*.js", "*.html", "*.css", "*.md", "*.sh")
        if left.search(text)
    ]
    assert found == []


def test_only_settings_read_the_environment():
    allowed = ("config/settings/", "manage.py", "tests/", "tools/")
    # These run before the settings, or hand the whole environment on to a process they start.
    allowed += (
        "config/celery.py",
        "config/wsgi.py",
        "config/asgi.py",
        "config/management/commands/up.py",
    )
    found = [
        name
        for name, text in texts("*.py")
        if not name.startswith(allowed) and re.search(r"os\.(environ|getenv)", text)
    ]
    assert found == []


def test_everything_that_is_imported_is_in_the_requirements():
    """A package that only the tools brought along is missing where the product runs."""
    # Imported where they are used, and said to be missing in words: the extra `model`.
    optional = {"huggingface-hub", "jinja2", "tokenizers", "transformers"}
    locked = {
        plain(line)
        for line in (ROOT / "requirements/base.txt").read_text().splitlines()
        if line[:1].isalnum()
    }
    ours = {*APPS, "lib", "checks"}
    missing = {}
    for folder in ours:
        for path in sources(folder):
            for name in imported(path) - ours - set(sys.stdlib_module_names):
                brought_by = {plain(package) for package in PACKAGES.get(name, [name])}
                if not brought_by & (locked | optional):
                    missing.setdefault(name, path.relative_to(ROOT).as_posix())
    assert missing == {}


def plain(requirement):
    """The name of a package in the spelling of the requirement files."""
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


def imported(path):
    """Top names of what a file imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
