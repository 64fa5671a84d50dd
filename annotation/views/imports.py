"""Bring a file of instructions in: upload, match the columns, look at the dry run, import, fetch the refusals."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from annotation.enums import ImportState
from annotation.errors import NoSuchProject
from annotation.importing.columns import BY_NAME, FIELDS
from annotation.importing.late import late_and_unused, late_and_used, late_answers
from annotation.importing.plan import Plan
from annotation.importing.refusals import as_table
from annotation.importing.rows import EncodingUnknown, FileRefused, excerpt
from annotation.models import ImportRun
from annotation.services.import_runs import (
    check_import,
    choose_encoding,
    look_at_run,
    match_again,
    refusals_of,
    start_import,
    upload_file,
)
from annotation.views.person import person_of
from annotation.views.projects import leads, project_for
from corpus.queries import met_by
from experts.enums import Role
from experts.models import Domain, Project
from lib.htmx import respond
from lib.http import page

SHOWN = 50
ENCODINGS = (
    "utf-8", "cp1252", "iso8859-1", "iso8859-15", "utf-16", "cp1250", "cp1251", "gb18030", "shift_jis", "euc_kr",
)  # fmt: skip
# Asked for on the page; the rest is taken where a column bears its name.
_EVERYWHERE = ("domain", "language", "difficulty", "task_type")


@page(access=leads)
def imports(request: HttpRequest, slug: str) -> HttpResponse:
    """Upload a file; the files of before, each found again."""
    project = project_for(request, slug, Role.LEAD)
    problem = None
    if request.method == "POST":
        try:
            run = upload_file(
                project=project,
                upload=request.FILES.get("file"),
                files=request.FILES.get("files"),
                actor=person_of(request),
            )
        except FileRefused as refused:
            problem = refused
        else:
            return redirect("projects:import", project.slug, run.pk)
    context = {
        "project": project,
        "runs": ImportRun.objects.filter(project=project)[:SHOWN],
        "problem": problem,
    }
    return render(request, "projects/imports.html", context, status=422 if problem else 200)


@page(access=leads)
def import_run(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One file, at whatever step it is."""
    project = project_for(request, slug, Role.LEAD)
    run = _run(project, pk)
    problem = None
    if request.method == "POST":
        try:
            _act(request, run)
        except FileRefused as refused:
            problem = refused
        else:
            return redirect("projects:import", project.slug, run.pk)
    met = met_by(f"import:{run.pk}")
    context = {
        "project": project, "run": run, "problem": problem, "met": met,
        "looking": bool(met and met.done < met.total and run.state == ImportState.DONE),
        **_step(run, problem, request),
    }  # fmt: skip
    status = 422 if problem else 200
    return respond(request, "projects/import.html", context, fragment="progress", status=status)


def _act(request: HttpRequest, run: ImportRun) -> None:
    person, action = person_of(request), request.POST.get("action", "check")
    if action == "import":
        start_import(run_id=run.pk, actor=person)
    elif action == "match":
        match_again(run_id=run.pk, actor=person)
    elif action == "encoding":
        choose_encoding(run_id=run.pk, encoding=request.POST.get("encoding", ""))
    else:
        check_import(run_id=run.pk, plan=_plan(request), actor=person)


def _plan(request: HttpRequest) -> Plan:
    given = request.POST
    columns = {one.name: given.get(f"column-{one.name}", "").strip() for one in FIELDS}
    words, paths = given.getlist("alias-word"), given.getlist("alias-path")
    return Plan(
        columns={name: path for name, path in columns.items() if path},
        constants={
            name: given[f"all-{name}"].strip()
            for name in _EVERYWHERE
            if given.get(f"all-{name}", "").strip()
        },
        aliases={word: path for word, path in zip(words, paths, strict=False) if path},
        encoding=given.get("encoding", ""),
        sheet=given.get("sheet", "").strip(),
        guess=False,
    )


def _step(run: ImportRun, problem: FileRefused | None, request: HttpRequest) -> dict[str, Any]:
    """What this step needs beside the run."""
    refusals = run.refusals.all()[:SHOWN]
    if run.state != ImportState.UPLOADED:
        return {"refusals": refusals, "unknown_domains": _unknown_domains(run), "late": _late(run)}
    plan = _plan(request) if request.method == "POST" else Plan.from_json(run.plan)
    try:
        look = look_at_run(
            run, plan if problem is None else Plan(encoding=plan.encoding, sheet=plan.sheet)
        )
    except EncodingUnknown as unknown:
        return {
            "encoding_unknown": unknown,
            "encodings": _encodings(str(unknown.data.get("guess", ""))),
        }
    except FileRefused as refused:
        return {"unreadable": refused}
    chosen = plan.columns if problem is not None else look.plan.columns
    return {
        "look": look,
        "fields": [_choice(one.name, one.label, one.help, chosen, look.columns) for one in FIELDS],
        "everywhere": look.plan.constants,
        "domains": Domain.objects.order_by("path"),
        "preview": [
            [excerpt(row.values.get(name, "")) for name in list(look.columns)[:8]]
            for row in look.samples[:5]
        ],
        "names": list(look.columns)[:8],
        "unknown_domains": _unknown_domains(run),
    }


def _late(run: ImportRun) -> dict[str, Any]:
    """The columns that first appear below the first rows: what each is taken for, or that it is not used."""
    plan = Plan.from_json(run.plan)
    taken = [(BY_NAME[name].label, path) for name, path in late_and_used(plan).items()]
    return {"taken": taken, "unused": late_and_unused(plan), "answers": late_answers(plan)}


def _choice(
    name: str, label: str, text: str, chosen: Any, columns: dict[str, Any]
) -> dict[str, Any]:
    value = chosen.get(name, "")
    options = list(columns) if not value or value in columns else [value, *columns]
    return {"name": name, "label": label, "help": text, "value": value, "options": options}


def _encodings(guess: str) -> list[str]:
    return list(dict.fromkeys([guess, *ENCODINGS])) if guess else list(ENCODINGS)


def _unknown_domains(run: ImportRun) -> list[tuple[str, int]]:
    """Words of the domain column that nobody knows here, with how often they stand there."""
    found = (
        run.refusals.filter(field="domain")
        .exclude(value="")
        .values("value")
        .annotate(n=Count("pk"))
    )
    return list(found.order_by("-n").values_list("value", "n")[:30])


@page(access=leads)
@require_GET
def import_refusals(request: HttpRequest, slug: str, pk: int) -> StreamingHttpResponse:
    """All refused rows as a table, streamed."""
    run = _run(project_for(request, slug, Role.LEAD), pk)
    response = StreamingHttpResponse(
        as_table(refusals_of(run)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="refused-{run.pk}.csv"'
    return response


def _run(project: Project, pk: int) -> ImportRun:
    run = (
        ImportRun.objects.select_related("project", "created_by")
        .filter(project=project, pk=pk)
        .first()
    )
    if run is None:
        raise NoSuchProject(
            "There is no such import in this project.", advice="Go back to its imports."
        )
    return run
