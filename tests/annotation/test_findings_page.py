"""The findings of a project: every count opens as many rows, and earlier submissions do not count."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotation.models import Finding
from annotation.overview import finding_counts, findings_in, page_by_key
from annotation.services.claim import take_next
from annotation.services.submit import submit_revision
from review.enums import Verdict
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted, write
from tests.factories.review import judged

pytestmark = pytest.mark.django_db


def found(studio, severity="warning", check="length", **values):
    """One more task handed in, with this single finding; returns the finding."""
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    submitted(task, studio.writer, f"A careful answer to task {task.pk}.")
    task.refresh_from_db()
    return Finding.objects.create(
        revision=task.current_revision, check_id=check, check_version="1", severity=severity,
        message="Too short: 6 words.", **values,
    )  # fmt: skip


def ask(client, studio, **query):
    return client.get(reverse("projects:findings", args=[studio.project.slug]), query)


def test_every_count_opens_as_many_rows(client, studio):
    found(studio, reason="A short answer is asked for.")
    found(studio)
    found(studio, severity="error")
    found(studio, check="banned_phrase", severity="info")
    client.force_login(studio.lead)
    page = ask(client, studio)
    assert finding_counts(studio.project)["length"] == {"error": 1, "warning": 2, "info": 0}
    for check, _, numbers, total in page.context["counts"]:
        assert ask(client, studio, check=check).context["count"] == total
        for severity, number in numbers:
            rows = ask(client, studio, check=check, severity=severity)
            assert rows.context["count"] == len(rows.context["rows"]) == number
            if number:
                assert f"?check={check}&amp;severity={severity}#rows" in page.content.decode()


def test_findings_are_searched_by_words_and_by_the_answer(studio):
    answered = found(studio, reason="A short answer is asked for.")
    found(studio)
    of_check = {"check": "length"}
    assert findings_in(studio.project, {**of_check, "answer": "given"}).get() == answered
    assert findings_in(studio.project, {**of_check, "answer": "none"}).count() == 1
    assert findings_in(studio.project, {"words": "SHORT ANSWER"}).get() == answered
    assert not findings_in(studio.project, {"words": "100%"}).exists()


def test_findings_on_earlier_submissions_are_not_counted(studio):
    task = found(studio).revision.task
    assert findings_in(studio.project, {"check": "length"}).count() == 1
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    take_next(person=studio.writer)
    write(studio.writer.assignments.get(), "Quite another answer, with the dose named: 5 mg.")
    submit_revision(person=studio.writer, task_id=task.pk)
    assert not findings_in(studio.project, {"check": "length"}).exists()
    assert "length" not in finding_counts(studio.project)


def test_pages_by_key_keep_the_filters(studio):
    made = [found(studio).pk for _ in range(3)]
    asked = {"check": "length"}
    first = page_by_key(findings_in(studio.project, asked), asked, size=2)
    following = {name: value[0] for name, value in parse_qs(urlsplit(first.next).query).items()}
    assert following["check"] == "length"
    second = page_by_key(findings_in(studio.project, following), following, size=2)
    assert [row.pk for row in [*first.rows, *second.rows]] == made[::-1]


def test_the_number_of_queries_is_the_same_for_one_row_and_for_three(client, studio):
    client.force_login(studio.lead)
    counts = []
    for more in (1, 2):
        for _ in range(more):
            found(studio)
        ask(client, studio)
        with CaptureQueriesContext(
            connection,
        ) as told:
            assert len(ask(client, studio, check="length").context["rows"]) == sum((1, 2)[:more])
        counts.append(len(told))
    assert counts[0] == counts[1]


def test_the_page_of_a_project_leads_a_lead_to_its_checks(client, studio):
    client.force_login(studio.lead)
    page = client.get(reverse("projects:project", args=[studio.project.slug])).content.decode()
    for name in ("format", "checks", "findings", "duplicates", "contamination"):
        assert f'href="{reverse(f"projects:{name}", args=[studio.project.slug])}"' in page
