"""The main job in a real browser, on the demo project: written, judged twice, released, loaded by a trainer.

Names of fields, links and buttons are looked up without `exact`, as a stranger's script would: each of
them has to be the only one of its kind on its page.
"""

import json
import subprocess
import sys
import uuid
import zipfile

import pytest
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import expect

from tests.e2e.browser import sign_in

TEXT = (
    "Adults may take 1 g of paracetamol every six hours, at most 4 g in 24 hours. {mark}\n\n"
    "- Below 50 kg the limit is lower.\n- With liver disease, ask first.\n\n"
    "Ünïcode stays: ½ tablet ≠ 2 × ¼ → 漢字, עברית, 🩺.  Two spaces end this line.  \nEnd."
)


@pytest.fixture
def demo(transactional_db):
    """The demo project, as `make run` fills it on first start."""
    call_command("load_demo")


def typed(page, text):
    """Put `text` into the editor and wait until the server has its last character."""
    editor = page.get_by_label("Response")
    editor.click()
    page.keyboard.insert_text(text)
    expect(page.get_by_role("status").filter(has_text="Saved").first).to_be_visible(timeout=15_000)


def take_and_write(page, site, text):
    sign_in(page, site, "writer@example.org")
    page.get_by_role("link", name="Write").click()
    page.get_by_role("button", name="Take next task").click()
    typed(page, text)


def hand_in(page):
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_role("button", name="Submit for review")).to_have_count(0)


def judge(page, site, email, verdict="Approve", words=""):
    sign_in(page, site, email)
    page.get_by_role("link", name="Review").click()
    page.get_by_role("button", name="Take next review").click()
    shown = page.locator("main").inner_text()
    if words:
        page.get_by_label("Reason").last.fill(words)
    page.get_by_role("button", name=verdict).click()
    page.wait_for_load_state()
    return shown


@pytest.mark.timeout(300)
def test_from_an_open_task_to_a_loaded_dataset(visitor, site, demo, tmp_path):
    mark = uuid.uuid4().hex
    text = TEXT.format(mark=mark)
    writer = visitor()
    take_and_write(writer, site, text)
    hand_in(writer)
    assert mark in judge(visitor(), site, "expert@example.org")
    assert mark in judge(visitor(), site, "format@example.org")

    admin = visitor(accept_downloads=True)
    sign_in(admin, site, "admin@example.org")
    admin.get_by_role("link", name="Datasets").click()
    admin.get_by_role("link", name="Demo").first.click()
    admin.get_by_role("button", name="Build release").click()
    publish = admin.get_by_role("button", name="Publish")
    expect(publish).to_be_visible(timeout=60_000)
    publish.click()
    with admin.expect_download() as started:
        admin.get_by_role("link", name="Download").first.click()
    archive = tmp_path / "release.zip"
    started.value.save_as(archive)
    release = tmp_path / "release"
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(release)
    if not (release / "manifest.json").exists():
        release = next(release.glob("**/manifest.json")).parent
    assert json.loads((release / "manifest.json").read_text())["version"] == "1.0.0"
    call_command("verify_release", str(release))
    assert text in loaded_texts(release)


def loaded_texts(release):
    """Every assistant text of the release, read by `datasets` in a process of its own."""
    script = (
        "import json, sys; from datasets import load_dataset; d = load_dataset(sys.argv[1]);"
        "print(json.dumps([m['content'] for s in d.values() for r in s for m in r['messages']"
        " if m['role'] == 'assistant']))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(release)],
        check=True,
        capture_output=True,
        text=True,
        cwd=settings.BASE_DIR.parent,
        env={
            "PATH": "/usr/bin:/bin",
            "HF_HOME": str(release.parent / "hub"),
            "HF_HUB_OFFLINE": "1",
        },
    )
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.timeout(300)
def test_changes_requested_rewritten_and_seen_as_a_difference(visitor, site, demo):
    writer = visitor()
    take_and_write(writer, site, f"Take one tablet. {uuid.uuid4().hex}")
    hand_in(writer)
    judge(visitor(), site, "expert@example.org", "Request changes", "Name the dose in milligrams.")
    writer.goto(f"{site}/write/")
    expect(writer.locator("main")).to_contain_text("Returned to you")
    writer.get_by_role("button", name="Take next task").click()
    expect(writer.get_by_label("Response")).to_be_visible()
    expect(writer.locator("main")).to_contain_text("Name the dose in milligrams.")
    typed(writer, "Five hundred milligrams each. ")
    hand_in(writer)
    shown = judge(visitor(), site, "expert@example.org")
    assert "Five hundred milligrams each." in shown
    assert "Name the dose in milligrams." in shown


@pytest.mark.timeout(300)
def test_rejected_is_told_with_its_reason(visitor, site, demo):
    writer = visitor()
    take_and_write(writer, site, "An answer that does not stand.")
    hand_in(writer)
    judge(visitor(), site, "expert@example.org", "Reject", "It agrees with a false premise.")
    writer.goto(f"{site}/write/")
    expect(writer.locator("main")).to_contain_text("Rejected")
