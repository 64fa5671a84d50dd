"""Bringing a file in with a real browser: upload, match, dry run, import, look at what came."""

import pytest
from playwright.sync_api import expect

from annotation.models import Instruction
from tests.e2e.browser import NARROW, WIDE, axe_violations, sideways_scroll
from tests.factories.annotation import ProjectVersionFactory

CSV = b"id,question,field\na,Why does a nodule matter?,medicine\nb,,medicine\nc,<b>How</b> is it found?,medicine\n"


@pytest.fixture
def studio(transactional_db, studio):
    return studio


def sound(page):
    """No fault of accessibility, and nothing that hangs over, narrow or wide."""
    for size in (NARROW, WIDE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert sideways_scroll(page) == 0
    assert axe_violations(page) == []


def test_a_lead_brings_a_file_in(visitor, site, studio):
    ProjectVersionFactory(project=studio.project, number=2, settings={"default_domain": "medicine"})
    page = visitor(studio.lead)
    page.goto(f"{site}/projects/{studio.project.slug}/")
    page.get_by_role("link", name="Import instructions").first.click()
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "rows.csv", "mimeType": "text/csv", "buffer": CSV}
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_label("Instruction", exact=True)).to_have_value("question")
    sound(page)
    page.get_by_role("button", name="Start the dry run").click()
    expect(page.get_by_role("button", name="Import 2 instructions")).to_be_visible()
    expect(page.get_by_text("The instruction is empty.")).to_be_visible()
    sound(page)
    with page.expect_download() as refused:
        page.get_by_role("link", name="Download all refused rows").click()
    assert "instruction" in refused.value.path().read_text()
    page.get_by_role("button", name="Import 2 instructions").click()
    expect(page.get_by_text("2 instructions added.")).to_be_visible()
    page.get_by_role("link", name="See the instructions").click()
    expect(page.get_by_role("link", name="<b>How</b> is it found?")).to_be_visible()
    assert Instruction.objects.filter(project=studio.project).count() == 2
