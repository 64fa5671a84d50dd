"""What a page weighs on the line: the first visit to the writing page, and the next."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders

from annotation.services.claim import take_next
from tests.factories.annotation import InstructionFactory, TaskFactory

FIRST_PAGE = 150_000
FIRST_REQUESTS = 15
NEXT_PAGE = 10_000


def weight_of(response, packing):
    """Bytes on the line: the compressed twin that the build wrote, else what was sent.

    (The server of the tests sends static files as they are; whitenoise sends the twin.)
    """
    path = urlsplit(response.url).path
    if path.startswith("/static/"):
        name = path.removeprefix("/static/")
        twin = finders.find(f"{name}.{packing}") or finders.find(name)
        return Path(twin).stat().st_size
    return int(response.headers.get("content-length") or len(response.body()))


def visit(page, url, packing):
    """Open `url`; returns {address: weight} of all that was fetched over the line."""
    answers = []

    def answered(response):
        answers.append(response)

    page.on("response", answered)
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.remove_listener("response", answered)
    return {answer.url: weight_of(answer, packing) for answer in answers if answer.status == 200}


@pytest.mark.parametrize("packing", ["br", "gz"])
def test_the_writing_page_is_light_and_the_next_one_lighter(visitor, site, studio, packing):
    instruction = InstructionFactory(project=studio.project, domain=studio.domain)
    TaskFactory(instruction=instruction)
    task = take_next(person=studio.writer).task_id
    page = visitor(studio.writer)
    first = visit(page, f"{site}/write/{task}/", packing)
    assert len(first) <= FIRST_REQUESTS, first
    assert sum(first.values()) <= FIRST_PAGE, first
    again = visit(page, f"{site}/write/", packing)
    fresh = {url: weight for url, weight in again.items() if url not in first}
    assert sum(fresh.values()) <= NEXT_PAGE, fresh
