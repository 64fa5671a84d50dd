"""Read a file of instructions into a project: streamed, in batches, each all or nothing, safe to repeat."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, BinaryIO, Self

from django.db import connection, transaction
from django.db.models import Count

from annotation.importing import readers
from annotation.importing.columns import TOGETHER, Guess, guessed
from annotation.importing.conversation import Threads, spread
from annotation.importing.draft import Draft
from annotation.importing.drafting import Drafting
from annotation.importing.files import Files
from annotation.importing.opening import Opened, opened
from annotation.importing.paths import columns_of, value_at, with_values
from annotation.importing.plan import Plan
from annotation.importing.rows import FileRefused, Refusal, Row, RowRefused
from annotation.project_settings import setting
from annotation.queries import current_version
from annotation.services.add_instructions import Added, add_instructions
from experts.models import Domain, DomainAlias, Project, User

BATCH = 2_000
SAMPLES = 50

Refuse = Callable[[Refusal], None]


@dataclass(frozen=True)
class Counts:
    """What became of the rows. `read` counts records of the file; `answers` those that are only answers;
    a record may give several instructions, so the rest counts instructions. `misnamed` are names of tools that no
    release takes."""

    read: int = 0
    added: int = 0
    present: int = 0
    refused: int = 0
    answers: int = 0
    bytes_read: int = 0
    misnamed: Sequence[str] = ()


@dataclass(frozen=True)
class Look:
    """What a file seems to hold, before anything is done: for a preview and for the message at the end."""

    kind: str
    encoding: str
    guess: Guess
    plan: Plan
    columns: dict[str, Any]
    samples: list[Row] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


Batched = Callable[[list[Draft]], Added]
Progress = Callable[[Counts], None]
Learn = Callable[[Plan], None]


def look_at(*, raw: BinaryIO, name: str, project: Project, plan: Plan) -> Look:
    """Read the beginning of a file and complete the plan by what the columns seem to be.

    Raises FileRefused when no column can be the instruction, EncodingUnknown when somebody has to decide.
    """
    file = opened(raw, name, encoding=plan.encoding)
    head = list(islice(readers.rows_of(file, sheet=plan.sheet), SAMPLES))
    samples = [row for row in head if isinstance(row, Row)]
    columns = columns_of(list(_asking(samples)))
    seen = with_values(columns)
    proposed = _evidence_proposed(columns, plan)
    columns |= {path: None for path in plan.late if path not in columns}
    _require_columns(plan, columns)
    guess = guessed(columns, plan.columns) if plan.guess else Guess(columns=dict(plan.columns))
    known = known_domains()
    if (
        "domain" in guess.columns
        and "domain" not in plan.columns
        and not _domain_fits(guess, samples, known)
    ):
        guess.unused.append(guess.columns.pop("domain"))
    completed = replace(
        plan,
        columns=guess.columns,
        constants=_constants(plan, project, known),
        seen=seen,
        joins=guess.columns.get("evidence") == proposed,
    )
    return Look(
        kind=file.kind,
        encoding=file.encoding,
        guess=guess,
        plan=completed,
        columns=columns,
        samples=samples,
        refused=[row for row in head if isinstance(row, Refusal)],
    )


def require_instruction(look: Look) -> None:
    """Raise FileRefused unless some column asks something."""
    if {"instruction", "messages"} & look.plan.columns.keys():
        return
    if not look.samples and look.refused:
        first = look.refused[0]
        raise FileRefused(f"No row of this file can be read. Line {first.line}: {first.reason}")
    names = ", ".join(f"“{name}”" for name in list(look.columns)[:12]) or "none"
    raise FileRefused(
        "No column looks like an instruction.",
        advice=f"Say which one it is, for instance --map instruction=COLUMN. Columns here: {names}.",
    )


def read_file(
    *,
    raw: BinaryIO,
    name: str,
    size: int,
    plan: Plan,
    store: Batched,
    refuse: Refuse,
    progress: Progress,
    learn: Learn,
    done: Counts = Counts(),
    files: Files | None = None,
) -> Counts:
    """Read all rows by a complete plan, give drafts to `store` in batches, and count.

    `done` is how far an earlier attempt came; its rows are passed over and its counts go on. `files` finds
    what rows name. `progress` is called after each batch, inside the same transaction as the rows; before it
    `learn`, with the plan as it is then, when columns appeared that the first rows do not have.
    """
    file = opened(raw, name, size=size, encoding=plan.encoding)
    drafting = Drafting(plan, known_domains(), name, files)
    reading = _Reading(
        file, drafting, done, store=store, refuse=refuse, progress=progress, learn=learn
    )
    for number, row in enumerate(_all_rows(file, plan), 1):
        outcomes: list[Draft | Refusal] = (
            [row] if isinstance(row, Refusal) else list(drafting.drafts(row))
        )
        if number > done.read:  # what is done already only goes on with its threads of conversation
            reading.take(outcomes)
    return reading.settle()


class _Reading:
    """What has been read and waits to be stored, and the counts so far."""

    def __init__(
        self, file: Opened, drafting: Drafting, done: Counts, *,
        store: Batched, refuse: Refuse, progress: Progress, learn: Learn,
    ) -> None:  # fmt: skip
        self.file, self.drafting = file, drafting
        self.store, self.refuse, self.progress, self.learn = store, refuse, progress, learn
        self.plan = drafting.plan
        self.counts = done
        self.drafts: list[Draft] = []
        self.refused: list[Refusal] = []
        self.rows = 0

    def take(self, outcomes: list[Draft | Refusal]) -> None:
        self.drafts += [one for one in outcomes if isinstance(one, Draft)]
        self.refused += [one for one in outcomes if isinstance(one, Refusal)]
        self.rows += 1
        if len(self.drafts) >= BATCH or self.rows >= 10 * BATCH:
            self.settle()

    def settle(self) -> Counts:
        """Store what waits; rows, refusals and counts in one transaction."""
        with transaction.atomic():
            result = self.store(self.drafts)
            for refusal in self.refused:
                self.refuse(refusal)
            self.counts = replace(
                self.counts,
                read=self.counts.read + self.rows,
                added=self.counts.added + result.added,
                present=self.counts.present + result.present,
                refused=self.counts.refused + len(self.refused),
                answers=self.drafting.answers,
                misnamed=list(self.drafting.misnamed),
                bytes_read=self.file.counted.count,
            )
            if self.plan is not self.drafting.plan:
                self.plan = self.drafting.plan
                self.learn(self.plan)
            self.progress(self.counts)
        self.drafts, self.refused, self.rows = [], [], 0
        return self.counts


def _all_rows(file: Opened, plan: Plan) -> Iterator[Row | Refusal]:
    """The rows; a file that breaks off in the middle ends with a refusal, and what came before counts."""
    number = 0
    try:
        for row in readers.rows_of(file, sheet=plan.sheet):
            number += 1
            yield row
    except FileRefused as broken:
        if not number:
            raise
        yield Refusal(number + 1, "", f"{broken.message} What stands before it was read.")


def storing(*, project: Project, actor: User | None, **facts: Any) -> Batched:
    """The real thing: each batch is added to the project."""
    domains = dict(Domain.objects.values_list("path", "pk"))

    def store(drafts: list[Draft]) -> Added:
        return add_instructions(
            project=project, drafts=drafts, domains=domains, actor=actor, **facts
        )

    return store


class Rehearsal:
    """A dry run: counts what would be new, writes nothing. What the file itself repeats is remembered in a
    temporary table, so that memory stays flat. Use as a context manager; call it as a `Batched`."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def __enter__(self) -> Self:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE IF NOT EXISTS rehearsed (sha bytea PRIMARY KEY)")
            cursor.execute("TRUNCATE rehearsed")
        return self

    def __exit__(self, *problem: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE rehearsed")

    def __call__(self, drafts: list[Draft]) -> Added:
        hashes = [draft.sha256 for draft in drafts]
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO rehearsed SELECT DISTINCT sha FROM unnest(%s::bytea[]) sha "
                "WHERE NOT EXISTS (SELECT 1 FROM annotation_instruction "
                "                  WHERE project_id = %s AND content_sha256 = sha) "
                "ON CONFLICT DO NOTHING",
                [hashes, self.project.pk],
            )
            return Added(cursor.rowcount, len(drafts) - cursor.rowcount)


# ---- the plan ----


def known_domains() -> dict[str, str]:
    """Every word a domain goes by, in lower case, with its path: path, earlier path, and name or slug
    where only one domain has it."""
    known: dict[str, str] = {}
    for column in ("slug", "name"):
        once = (
            Domain.objects.values(column).annotate(times=Count("pk")).filter(times=1).values(column)
        )
        for word, path in Domain.objects.filter(**{f"{column}__in": once}).values_list(
            column, "path"
        ):
            known[word.lower()] = path
    known |= {
        old.lower(): path for old, path in DomainAlias.objects.values_list("path", "domain__path")
    }
    return known | {path.lower(): path for path in Domain.objects.values_list("path", flat=True)}


def _constants(plan: Plan, project: Project, known: dict[str, str]) -> dict[str, str]:
    """What holds for rows without a value of their own: as the plan says, else as the project does."""
    constants = dict(plan.constants)
    version = current_version(project)
    constants.setdefault("domain", setting(version, "default_domain"))
    constants.setdefault("language", setting(version, "default_language"))
    wanted = constants["domain"]
    if wanted and wanted.lower() not in known:
        raise FileRefused(
            f"There is no field of expertise “{wanted}”.",
            advice=f"Known ones: {', '.join(sorted(set(known.values()))[:20]) or 'none yet'}.",
        )
    return {name: value for name, value in constants.items() if value}


def _evidence_proposed(columns: Mapping[str, Any], plan: Plan) -> str | None:
    """Where evidence seems to be, beside what else was chosen."""
    others = {name: path for name, path in plan.columns.items() if name != "evidence"}
    return guessed(columns, others).columns.get("evidence")


def _domain_fits(guess: Guess, samples: list[Row], known: dict[str, str]) -> bool:
    """A column that only looks like the domain is used when it names one that is known here."""
    words = {
        str(value_at(row.values, guess.columns["domain"]) or "").strip().lower() for row in samples
    }
    return bool(words & known.keys())


def _require_columns(plan: Plan, columns: dict[str, Any]) -> None:
    wanted = [path for together in plan.columns.values() for path in together.split(TOGETHER)]
    missing = [path for path in wanted if path not in columns]
    if missing and columns:
        names = ", ".join(f"“{name}”" for name in list(columns)[:20])
        raise FileRefused(
            f"There is no column “{missing[0]}”.", advice=f"Columns in this file: {names}."
        )


def _asking(samples: list[Row]) -> Iterator[Mapping[str, Any]]:
    threads = Threads()
    for row in samples:
        with suppress(RowRefused):
            yield from spread(row.values, threads)
