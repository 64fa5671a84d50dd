"""Fill the demo project: accounts, instructions, and work in every state, all through the services.

Nothing is written past a rule, so the demo shows what the rules allow. Loading again adds only what is
not there yet.
"""

from collections.abc import Iterable

from django.db import transaction

from annotation.enums import TaskState
from annotation.models import Instruction, ProjectVersion, Task
from annotation.services.add_instructions import add_instructions
from annotation.services.claim import resume, take
from annotation.services.save_draft import save_plain
from annotation.services.submit import submit_revision
from config.demo.pairs import HOME, Pair, demo_pairs
from config.demo.people import FIELDS, PARTS, PASSWORD, Part
from config.demo.practice import PRACTICE
from experts.enums import CredentialKind
from experts.models import Domain, Exercise, Project, User
from experts.queries import domain_at, valid_credential
from experts.services.agreements import accept_agreements
from experts.services.credentials import add_credential, verify_credential
from experts.services.exercises import set_exercise
from experts.services.people import create_person, give_role, make_administrator
from exports.enums import Reason
from exports.models import Dataset
from exports.services.datasets import create_dataset
from exports.services.freeze import freeze_records
from exports.services.withdraw import withdraw_record
from review.enums import Verdict
from review.services.claim_seat import take_next_review
from review.services.submit_review import submit_review

SLUG = "demo"
A_WEEK = 7 * 24 * 60
# A first look should not stumble over style: these checks tell what they see and ask for nothing.
ONLY_TOLD = (
    "citations", "copied_block", "duplicate", "evidence_copy", "format", "instruction_echo", "language",
    "markdown_faults", "mixed_scripts", "near_duplicate", "padding", "phrases", "repetition", "sycophancy",
)  # fmt: skip

# Work that waits is brought on its way last, so that each reviewer's next review is the one meant here.
_ORDER = (
    TaskState.APPROVED, TaskState.WITHDRAWN, TaskState.REJECTED, TaskState.CHANGES_REQUESTED,
    TaskState.FORMAT_REVIEW, TaskState.ADJUDICATION, TaskState.EXPERT_REVIEW, TaskState.WRITING,
)  # fmt: skip


@transaction.atomic
def load_demo() -> dict[str, int]:
    """Load what is missing, all or nothing; returns how many instructions and responses are new."""
    pairs = demo_pairs()
    domains = _domains(pair.draft.domain for pair in pairs)
    project = _project()
    people = {part.email: _person(part, project, domains) for part in PARTS}
    admin = people["admin@example.org"]
    make_administrator(person=admin)
    added = add_instructions(
        project=project,
        drafts=[pair.draft for pair in pairs],
        domains=domains,
        actor=admin,
        file=SLUG,
    )
    written = 0
    for pair in sorted(
        (pair for pair in pairs if pair.response), key=lambda pair: _ORDER.index(pair.state)
    ):
        task = Task.objects.select_related("instruction").get(
            project=project, slot=1, instruction__external_id=pair.draft.external_id
        )
        if task.state == TaskState.OPEN and not task.assignments.exists():
            _Journey(pair, task, people).go()
            written += 1
    _dataset(project, admin)
    if not Exercise.objects.filter(project=project).exists():
        set_exercise(actor=admin, project=project, **PRACTICE)
    return {"instructions": added.added, "responses": written}


def _dataset(project: Project, admin: User) -> None:
    if not Dataset.objects.filter(slug=SLUG).exists():
        create_dataset(slug=SLUG, title="Demo dataset", project=project, created_by=admin)
    freeze_records(projects=[project])


def _domains(paths: Iterable[str]) -> dict[str, int]:
    """The keys of all domains used, made where they are missing."""
    return {path: _domain(path).pk for path in [*FIELDS, *sorted(set(paths))]}


def _domain(path: str) -> Domain:
    found = domain_at(path)
    if found is not None:
        return found
    above, _, slug = path.rpartition(".")
    name = FIELDS.get(path, slug.replace("-", " ").capitalize())
    return Domain.objects.create(
        slug=slug, name=name, path=path, parent=_domain(above) if above else None
    )


def _project() -> Project:
    project, _ = Project.objects.get_or_create(slug=SLUG, defaults={"name": "Demo project"})
    if not project.versions.exists():
        ProjectVersion.objects.create(
            project=project,
            number=1,
            summary="Careful answers to questions from medicine, law, mathematics and software.",
            guideline=(HOME / "guideline.md").read_text(encoding="utf-8"),
            format_spec={
                "length": {"words": {"min": 80, "max": 300}, "severity": "info"},
                "severity": dict.fromkeys(ONLY_TOLD, "info"),
            },
            coverage_targets={"domain": dict.fromkeys(FIELDS, 12)},
            rights={"licence": "cc-by-4.0", "attribution": "The Firsthand demo project"},
            lease_minutes=A_WEEK,
            settings={"default_domain": "medicine"},
        )
    return project


def _person(part: Part, project: Project, domains: dict[str, int]) -> User:
    existing = User.objects.filter(email=part.email).first()
    has_password = existing is not None and existing.has_usable_password()
    person, _ = create_person(
        email=part.email,
        name=part.name,
        password=PASSWORD if part.signs_in and not has_password else None,
    )
    if part.role:
        give_role(person=person, project=project, role=part.role)
    accept_agreements(person=person)
    if part.field:
        _verify(person, Domain.objects.get(pk=domains[part.field]))
    return person


def _verify(person: User, domain: Domain) -> None:
    if valid_credential(person, domain) is not None:
        return
    credential = add_credential(
        person=person,
        kind=CredentialKind.DEGREE,
        title=f"Demo qualification in {domain.name.lower()}",
        issuer="Firsthand demo",
        domains=[domain],
    )
    admin, _ = create_person(email="admin@example.org", name="Demo administrator")
    verify_credential(
        credential=credential,
        verifier=admin,
        method="Stands for a look-up in a register",
        two_person=False,
    )


class _Journey:
    """One pair on its way from open to the state its file names."""

    def __init__(self, pair: Pair, task: Task, people: dict[str, User]) -> None:
        self.pair, self.task = pair, task
        # Those who sign in judge medicine; each other field has its own people, so that nothing of it
        # waits for a visitor before what the visitor wrote.
        place = "" if pair.field == "medicine" else f"{pair.field}-"
        self.author = people[pair.note("author") or f"{pair.field}-writer@example.org"]
        self.expert = people[f"{place}expert@example.org"]
        self.format = people[f"{place}format@example.org"]
        self.admin = people["admin@example.org"]

    def go(self) -> None:
        """Write, and then whatever the state calls for."""
        take(person=self.author, task_id=self.task.pk)
        self.write(self.pair.first or self.pair.response)
        if self.pair.state == TaskState.WRITING:
            return
        self.hand_in()
        _STEPS[self.pair.state](self)

    def write(self, text: str) -> None:
        draft = self.task.assignments.get(expert=self.author)
        save_plain(
            person=self.author,
            task_id=self.task.pk,
            texts={"response": text},
            version=draft.draft_version,
        )
        draft.refresh_from_db()
        draft.extras = {
            "coverage": _coverage(self.task.instruction, text),
            "sources": _sources(self.pair),
        }
        draft.save(update_fields=["extras"])

    def hand_in(self) -> None:
        submit_revision(person=self.author, task_id=self.task.pk)

    def judge(self, reviewer: User, verdict: Verdict, note: str = "") -> None:
        seat = take_next_review(person=reviewer)
        if seat.task_id != self.task.pk:
            message = (
                f"{reviewer.email} was given another review than that of {self.task.instruction}"
            )
            raise RuntimeError(message)
        submit_review(
            person=reviewer,
            seat_id=seat.pk,
            revision_id=seat.revision_id,
            verdict=verdict,
            note=note,
        )

    def wait(self) -> None:
        """Nothing more: it lies in the queue."""

    def approve(self) -> None:
        self.judge(self.expert, Verdict.APPROVE)
        self.judge(self.format, Verdict.APPROVE)

    def withdraw(self) -> None:
        self.approve()
        withdraw_record(
            record_id=self.task.key,
            person=self.admin,
            reason=Reason.RIGHTS,
            note=self.pair.note("withdrawn_reason"),
        )

    def decide_as_expert(self) -> None:
        verdicts = {
            TaskState.REJECTED: Verdict.REJECT,
            TaskState.CHANGES_REQUESTED: Verdict.REQUEST_CHANGES,
            TaskState.ADJUDICATION: Verdict.ESCALATE,
        }
        self.judge(self.expert, verdicts[self.pair.state], self.pair.note("expert_note"))

    def repair(self) -> None:
        """Sent back for its form, repaired, and now waiting for the same format reviewer."""
        self.judge(self.expert, Verdict.APPROVE)
        self.judge(self.format, Verdict.REQUEST_CHANGES, self.pair.note("format_note"))
        resume(person=self.author, task_id=self.task.pk)
        self.write(self.pair.response)
        self.hand_in()


_STEPS = {
    TaskState.APPROVED: _Journey.approve,
    TaskState.WITHDRAWN: _Journey.withdraw,
    TaskState.REJECTED: _Journey.decide_as_expert,
    TaskState.CHANGES_REQUESTED: _Journey.decide_as_expert,
    TaskState.ADJUDICATION: _Journey.decide_as_expert,
    TaskState.FORMAT_REVIEW: _Journey.repair,
    TaskState.EXPERT_REVIEW: _Journey.wait,
}


def _coverage(instruction: Instruction, text: str) -> list[dict[str, object]]:
    """Each requirement is answered by the response as a whole."""
    return [
        {
            "requirement": asked["id"],
            "field": "response",
            "start": 0,
            "end": len(text),
            "quote": text,
        }
        for asked in instruction.requirements
    ]


def _sources(pair: Pair) -> list[dict[str, str]]:
    return [
        {
            "id": f"s{number}",
            "citation": ", ".join(filter(None, [source["title"], source.get("locator", "")])),
            "link": source.get("url", ""),
        }
        for number, source in enumerate((pair.head or {}).get("sources", []), 1)
    ]
