"""What travels with a release: valid for the hub, and every figure from the queries of the pages."""

import re

import orjson
import pytest
import yaml
from django.urls import reverse

from exports import queries
from exports.enums import Bump
from exports.models import Release
from exports.papers import card
from exports.papers.facts import Facts
from exports.services.build import build_here
from exports.services.cut import cut_release
from exports.services.deliver import write_directory
from exports.services.publish import publish_release, withdraw_release
from exports.services.withdraw import withdraw_record
from tests.factories.experts import DomainFactory
from tests.factories.exports import approved, dataset_of

pytestmark = pytest.mark.django_db
SHARES = {"train": 0.5, "validation": 0.25, "test": 0.25, "held_out": 0.0}


def released(dataset, bump=""):
    release = build_here(release=cut_release(dataset=dataset, bump=bump, person=None))
    return publish_release(release=release, person=None)


@pytest.fixture
def work(studio):
    other = DomainFactory(slug="other", parent=studio.domain, path=f"{studio.domain.path}.other")
    tasks = [
        approved(studio, f"Answer {n} of its own kind.", difficulty=1 + n % 5) for n in range(6)
    ]
    tasks += [
        approved(studio, f"Reply {n} in a part of the field.", domain=other) for n in range(2)
    ]
    return tasks


@pytest.fixture
def directory(work, studio, tmp_path):
    release = released(dataset_of(studio, shares=SHARES, contact="data@example.org"))
    return write_directory(release=release, target=tmp_path / "release")


def metadata(directory):
    head = (directory / "README.md").read_text().split("---\n")[1]
    return yaml.safe_load(head)


def test_the_hub_s_own_code_reads_and_takes_the_card(directory):
    from huggingface_hub import DatasetCard

    card = DatasetCard.load(directory / "README.md")
    told = card.data.to_dict()
    assert told["license"] == "cc-by-4.0"
    assert {config["config_name"] for config in told["configs"]} == {"default", "objects"}
    # What the hub itself asks of metadata, by its documentation.
    assert re.fullmatch(r"[a-z]{2,3}", told["language"][0])
    assert told["size_categories"] == ["n<1K"]
    assert told["annotations_creators"] == ["expert-generated"]
    assert DatasetCard(str(card)).data.to_dict() == told


@pytest.mark.parametrize(
    ("licence", "named"),
    [
        ("Acme Data Terms, v2", "acme-data-terms-v2"),
        ("Lizenz für Ärzte", "lizenz-fur-arzte"),
        ("许可", "own-terms"),
        ("CC-BY-4.0", None),
    ],
)
def test_a_licence_of_one_s_own_has_a_name_that_the_hub_takes(directory, licence, named):
    release = Release.objects.get()
    told = card.metadata(Facts({**release.snapshot, "licence": licence}))
    assert told["license"] == ("other" if named else "cc-by-4.0")
    assert told.get("license_name") == named


def test_only_languages_that_the_hub_knows_are_named(directory):
    release = Release.objects.get()
    slices = {
        **release.snapshot["slices"],
        "language": {"zh-Hant": 1, "x-own": 1, "PT-br": 1, "": 1},
    }
    told = card.metadata(Facts({**release.snapshot, "slices": slices}))
    assert told["language"] == ["pt", "zh"]
    assert told["multilinguality"] == ["multilingual"]
    none = card.metadata(
        Facts({**release.snapshot, "slices": {**slices, "language": {"x-own": 1}}})
    )
    assert "language" not in none


def test_the_loader_s_own_code_reads_sizes_and_types(directory):
    infos = pytest.importorskip("datasets.info").DatasetInfosDict.from_directory(str(directory))
    splits = infos["default"].splits
    assert {name: split.num_examples for name, split in splits.items()} == {
        entry["split"]: entry["records"]
        for entry in orjson.loads((directory / "manifest.json").read_bytes())["files"]
        if entry["path"].startswith("data/")
    }


def test_every_figure_in_the_papers_is_the_one_on_the_page(directory, client, studio):
    release = Release.objects.get()
    figures = queries.figures(release)
    card = (directory / "README.md").read_text()
    datasheet = (directory / "DATASHEET.md").read_text()
    croissant = orjson.loads((directory / "croissant.json").read_bytes())
    manifest = orjson.loads((directory / "manifest.json").read_bytes())
    assert manifest["records"] == figures["records"] == 8
    assert manifest["splits"] == figures["splits"]
    for axis in ("domain", "difficulty", "language", "task_type", "quality_class"):
        for value, number in figures["slices"][axis].items():
            shown = f"`{value}`" if axis == "domain" else value
            assert f"| {shown} | {number} |" in card
    for value, number in figures["slices"]["domain"].items():
        assert f"| {value} | {number} |" in datasheet
    told = {row["splits/name"]: row["splits/records"] for row in croissant["recordSet"][0]["data"]}
    assert told == figures["splits"]
    assert metadata(directory)["dataset_info"][0]["splits"] == [
        {"name": name, "num_bytes": size(directory, "data", name), "num_examples": number}
        for name, number in figures["splits"].items()
    ]
    client.force_login(studio.lead)
    page = client.get(reverse("datasets:version", args=["demo", "1.0.0"])).content.decode()
    for value, number in figures["slices"]["domain"].items():
        assert f'domain={value}">{value}</a></th><td class="number">{number}</td>' in page


def size(directory, folder, split):
    return sum(path.stat().st_size for path in directory.glob(f"{folder}/{split}-*"))


def test_changelog_and_advisory_tell_what_was_withdrawn(work, studio, tmp_path):
    dataset = dataset_of(studio, shares=SHARES | {"train": 1, "validation": 0, "test": 0})
    first = released(dataset)
    withdraw_record(record_id=work[0].key, person=studio.lead, reason="wrong")
    first.refresh_from_db()
    assert "1 record was withdrawn" in first.advisory
    withdraw_release(release=first, person=studio.lead, reason="wrong", note="Found to be wrong.")
    second = released(dataset)
    target = write_directory(release=second, target=tmp_path / "second")
    changelog = (target / "CHANGELOG.md").read_text()
    assert changelog.startswith("# Changelog")
    assert "## 2.0.0" in changelog and "- 1 record: wrong" in changelog
    assert "This version was withdrawn: found to be wrong." in changelog
    changes = [orjson.loads(line) for line in (target / "changes.jsonl").read_bytes().splitlines()]
    assert [(c["change"], c["record_id"], c["reason"]) for c in changes] == [
        ("removed", str(work[0].key), "wrong")
    ]
    everything = b"".join(path.read_bytes() for path in target.rglob("*") if path.is_file())
    assert b"Answer 0 of its own kind" not in everything


def test_no_unapproved_text_reaches_any_file_card_or_figure(work, studio, tmp_path):
    from annotation.services.claim import take
    from annotation.services.submit import submit_revision
    from tests.factories.annotation import InstructionFactory, TaskFactory, write
    from tests.factories.exports import REASONS

    made = InstructionFactory(project=studio.project, domain=studio.domain)
    task = TaskFactory(instruction=made)
    write(take(person=studio.writer, task_id=task.pk), "Zebra words that nobody approved.")
    submit_revision(person=studio.writer, task_id=task.pk, reasons=REASONS)
    draft = TaskFactory(
        instruction=InstructionFactory(project=studio.project, domain=studio.domain)
    )
    write(take(person=studio.writer, task_id=draft.pk), "Yak words in a draft.")
    release = released(dataset_of(studio, shares=SHARES, preference_pairs=True), Bump.MAJOR)
    target = write_directory(release=release, target=tmp_path / "out")
    assert queries.figures(release)["records"] == 8
    for path in target.rglob("*"):
        if path.is_file():
            assert not re.search(rb"Zebra words|Yak words", path.read_bytes()), path
