"""The pages of datasets and releases, as an administrator and as others."""

import hashlib
import html
import io
import re
import zipfile

import pytest
from django.urls import reverse
from knox.models import AuthToken

from exports import queries
from exports.models import Dataset, Download, Release, Unfit, Withdrawal
from exports.selection import Selection
from exports.services.build import build_here
from exports.services.cut import cut_release
from exports.services.freeze import freeze_records
from exports.services.publish import publish_release
from exports.services.withdraw import withdraw_record
from tests.exports.test_commands import stocked  # noqa: F401
from tests.factories.experts import UserFactory, person_with
from tests.factories.exports import approved, dataset_of


@pytest.fixture
def admin(db):
    return UserFactory(email="head@example.org", is_superuser=True)


@pytest.fixture
def published(stocked):
    release = build_here(release=cut_release(dataset=stocked, bump="major", person=None))
    return publish_release(release=release, person=None)


def test_every_page_opens(admin, client, published):
    client.force_login(admin)
    slug, pk = published.dataset.slug, published.pk
    for name, arguments in [
        ("datasets", []),
        ("new", []),
        ("governance", []),
        ("tokenizers", []),
        ("dataset", [slug]),
        ("settings", [slug]),
        ("exclusions", [slug]),
        ("compare", [slug]),
        ("wizard", [slug]),
        ("release", [slug, pk]),
        ("card", [slug, pk]),
        ("version", [slug, "1.0.0"]),
    ]:
        answer = client.get(reverse(f"datasets:{name}", args=arguments))
        assert answer.status_code == 200, name


def test_a_preview_of_a_record_that_is_not_there_says_so(admin, client, published):
    client.force_login(admin)
    address = reverse("datasets:preview", args=["demo", published.pk])
    there = str(published.pins.first().record.record_id)
    assert "no record with that id" not in client.get(address, {"record": there}).content.decode()
    assert "no record with that id" in client.get(address, {"record": "r-0"}).content.decode()


def test_preview_shows_the_mask(admin, client, published):
    client.force_login(admin)
    page = client.get(reverse("datasets:preview", args=["demo", published.pk]), {"limit": 100})
    assert page.context["shown"]["trained"] > 0
    assert page.context["summary"]["truncated"]


def test_wizard_builds_and_page_publishes(
    admin, client, stocked, django_capture_on_commit_callbacks
):
    client.force_login(admin)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("datasets:wizard", args=["demo"]), {"bump": "major"})
    release = Release.objects.get()
    assert answer.url == reverse("datasets:release", args=["demo", release.pk])
    assert release.state in {"building", "ready"}


def test_building_from_the_page_takes_the_honest_step(admin, client, published, studio):
    approved(studio, "One more.")
    client.force_login(admin)
    answer = client.post(reverse("datasets:wizard", args=["demo"]))
    assert answer.status_code == 302, answer.context["form"].errors
    assert Release.objects.latest("pk").version == "1.1.0"


def test_a_person_outside_the_project_sees_nothing(client, published):
    other = person_with(published.dataset.projects.get(), "writer")
    client.force_login(other)
    assert client.get(reverse("datasets:dataset", args=["demo"])).status_code == 403


def test_an_observer_reads_but_does_not_build(client, published):
    observer = person_with(published.dataset.projects.get(), "observer")
    client.force_login(observer)
    assert client.get(reverse("datasets:version", args=["demo", "1.0.0"])).status_code == 200
    assert (
        client.post(reverse("datasets:wizard", args=["demo"]), {"bump": "major"}).status_code == 403
    )


def body(answer):
    return b"".join(answer.streaming_content)


def test_the_archive_resumes_at_any_byte(admin, client, published):
    client.force_login(admin)
    url = reverse("datasets:archive", args=["demo", published.pk])
    whole = body(client.get(url))
    assert zipfile.ZipFile(io.BytesIO(whole)).testzip() is None
    for start in (0, 1, 31, 5000, len(whole) // 2, len(whole) - 10):
        rest = client.get(url, headers={"range": f"bytes={start}-"})
        assert body(rest) == whole[start:]
    assert client.get(url, headers={"range": f"bytes={len(whole)}-"}).status_code == 416
    middle = client.get(url, headers={"range": "bytes=100-199"})
    assert (middle.status_code, body(middle)) == (206, whole[100:200])
    assert Download.objects.filter(path="").count() == 8


def test_one_file_is_what_the_manifest_says(admin, client, published):
    client.force_login(admin)
    file = published.files.get(path="records/train-00000-of-00001.jsonl")
    answer = client.get(reverse("datasets:file", args=["demo", published.pk, file.path]))
    assert len(body(answer)) == file.bytes


def test_a_name_that_is_a_path_is_refused(admin, client, studio):
    client.force_login(admin)
    answer = client.post(
        reverse("datasets:new"), {"title": "x", "slug": "../etc", "projects": [studio.project.pk]}
    )
    assert answer.status_code == 422
    assert not Dataset.objects.exists()


def test_withdrawn_record_leaves_and_the_old_release_says_so(admin, client, published, studio):
    record_id = published.pins.filter(split="train").first().record.record_id
    client.force_login(admin)
    client.post(reverse("datasets:governance"), {"record": str(record_id), "reason": "consent"})
    assert Withdrawal.objects.get().record_id == record_id
    published.refresh_from_db()
    assert "1 record was withdrawn" in published.advisory
    release = build_here(release=cut_release(dataset=published.dataset, bump="major", person=None))
    assert not release.pins.filter(record__record_id=record_id).exists()
    assert release.snapshot["removed"] == {"consent": 1}
    left_out = client.get(reverse("datasets:exclusions", args=["demo"])).content.decode()
    assert "A contributor withdrew consent" in left_out


def test_settings_count_without_saving(admin, client, studio):
    approved(studio)
    dataset = dataset_of(studio, shares={"train": 1})
    cut_release(dataset=dataset, bump="major", person=None)
    client.force_login(admin)
    given = {
        "title": "T",
        "train": 1,
        "validation": 0,
        "test": 0,
        "held_out": 0,
        "licence": "cc-by-4.0",
        "languages": ["en"],
        "quality_classes": ["A"],
        "try": "1",
        "targets-TOTAL_FORMS": "0",
        "targets-INITIAL_FORMS": "0",
        "mixture-TOTAL_FORMS": 1,
        "mixture-INITIAL_FORMS": 0,
        "mixture-0-weight": 1,
    }
    url = reverse("datasets:settings", args=["demo"])
    answer = client.post(url, given, headers={"hx-request": "true"})
    assert b"It would hold" in answer.content
    dataset.refresh_from_db()
    assert dataset.selection == {}
    del given["try"]
    given |= {"mixture-0-member": "all", "mixture-0-weight": 0}
    assert client.post(url, given).status_code == 422
    given["mixture-0-weight"] = 2
    assert client.post(url, given).status_code == 302
    dataset.refresh_from_db()
    assert dataset.mixture[0]["weight"] == 2


def test_without_transformers_the_page_says_how_to_install_it_and_shows_the_rest(
    admin, client, published, monkeypatch
):
    monkeypatch.setattr("exports.preview.runner.find_spec", lambda name: None)
    client.force_login(admin)
    page = client.get(reverse("datasets:preview", args=["demo", published.pk])).content.decode()
    assert "python -m pip install" in page and "95 MB" in page
    (record,) = queries.sample_of(published, 1)
    assert record.messages[-1]["parts"][0]["text"] in page and ">trains<" in page
    assert "Records by length in characters" in page


def test_every_figure_of_a_dataset_opens_exactly_its_rows(admin, client, published):
    client.force_login(admin)
    dataset = published.dataset
    dataset.mixture = [{"member": "english", "where": {"languages": ["en"]}, "weight": 2}]
    dataset.coverage_targets = {"domain": {"medicine": 9}, "language": {"en": 9}}
    dataset.save()
    page = client.get(reverse("datasets:dataset", args=["demo"])).content.decode()
    listed = reverse("datasets:selected", args=["demo"])
    links = re.findall(
        rf'<a href="{listed}([^"]*)"(?: aria-label="(\d+) [^"]*")?>([^<]*)</a>', page
    )
    numbers = [(html.unescape(query), int(said)) for query, said, _ in links if said]
    assert {re.split("[?=]", f"{query}?")[1] for query, _ in numbers} >= {
        "",
        "below",
        "language",
        "member",
        "domain",
    }
    for query, number in numbers:
        assert client.get(listed + query).context["shown"].paginator.count == number, query
    slices = queries.counted(dataset).slices
    for axis, values in slices.items():
        for value, number in values.items():
            assert client.get(listed, {axis: value}).context["shown"].paginator.count == number
    for broken in ({"difficulty": "x"}, {"member": "1e9"}, {"member": "9" * 30}):
        assert client.get(listed, broken).context["shown"].paginator.count == 0


def test_figures_of_a_release_open_its_records_and_each_says_who_and_whether(
    admin, client, published
):
    client.force_login(admin)
    page = client.get(reverse("datasets:release", args=["demo", published.pk])).content.decode()
    listed = reverse("datasets:records", args=["demo", published.pk])
    assert f"{listed}?split=train" in page
    assert f"{listed}?language=en" in page
    rows = client.get(listed, {"split": "validation"}).context["shown"].object_list
    assert {pin.split for pin in rows} == {"validation"}
    assert client.get(listed, {"difficulty": "x"}).context["shown"].paginator.count == 0
    pin = rows[0]
    address = reverse("datasets:record", args=["demo", published.pk, pin.record.record_id])
    assert address in client.get(listed, {"split": "validation"}).content.decode()
    shown = client.get(address).content.decode()
    told = queries.as_shipped(pin).data
    for words in ("Who wrote it", "Who checked it", "May it be used", "Yes, under its licence"):
        assert words in shown
    assert told["provenance"]["writer_ref"] in shown
    for review in told["verification"]["reviews"]:
        assert review["reviewer_ref"] in shown
    assert told["governance"]["licence"] in shown


def test_a_record_withdrawn_since_says_so_where_an_older_version_holds_it(admin, client, published):
    pin = published.pins.first()
    key = pin.record.record_id
    withdraw_record(record_id=key, person=admin, reason="consent")
    client.force_login(admin)
    shown = client.get(
        reverse("datasets:record", args=["demo", published.pk, key])
    ).content.decode()
    assert "No: withdrawn" in shown
    assert "A contributor withdrew consent" in shown


def test_records_are_shown_to_nobody_outside(client, published):
    key = published.pins.first().record.record_id
    client.force_login(UserFactory())
    for name, more in (("records", []), ("record", [key])):
        address = reverse(f"datasets:{name}", args=["demo", published.pk, *more])
        assert client.get(address).status_code in (403, 404)


@pytest.mark.parametrize("key", ["../x", "nonsense", "0190b6a0-0000-7000-8000-000000000001"])
def test_a_record_that_is_not_in_the_version_is_not_found(admin, client, published, key):
    client.force_login(admin)
    address = reverse("datasets:records", args=["demo", published.pk])
    assert client.get(f"{address}{key}/").status_code == 404


def test_a_sample_holds_the_longest_and_some_of_everywhere(published):
    longest = published.pins.order_by("-record__characters", "pk")[:2]
    found = queries.sample_of(published, 6)
    assert 3 <= len(found) <= 6
    assert len({record.record_id for record in found}) == len(found)
    assert {str(pin.record.record_id) for pin in longest} <= {r.record_id for r in found}
    assert len(queries.sample_of(published, 1)) == 1
    assert len(queries.sample_of(published, 100)) == published.pins.count()


def test_a_built_release_is_discarded_from_its_page(admin, client, stocked):
    release = build_here(release=cut_release(dataset=stocked, bump="major", person=None))
    client.force_login(admin)
    page = client.get(reverse("datasets:release", args=["demo", release.pk])).content.decode()
    assert "Discard" in page
    client.post(reverse("datasets:release-discard", args=["demo", release.pk]))
    assert not Release.objects.exists()
    assert client.get(reverse("datasets:dataset", args=["demo"])).status_code == 200


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        ({"domains": ["law"]}, "domain medicine"),
        ({"languages": ["fr"], "difficulties": [5]}, "language en, difficulty"),
        ({"task_types": ["poem"]}, "task type"),
        ({"kinds": ["json"]}, "kind text"),
        ({"policy_categories": ["x"]}, "policy category not given"),
        ({"approved_from": "2999-01-01"}, "approved on 20"),
        ({"approved_to": "2001-01-01"}, "approved on 20"),
        ({"quality_classes": ["C"]}, "class A"),
        ({"licences": ["none"]}, "cc-by-4.0"),
        ({"most_characters": 1}, " characters"),
    ],
)
def test_what_is_left_out_says_by_which_of_its_facts(admin, client, stocked, selection, words):
    freeze_records()
    stocked.selection = selection
    stocked.save()
    client.force_login(admin)
    page = client.get(reverse("datasets:exclusions", args=["demo"])).content.decode()
    assert words in page
    for record in queries.candidates(stocked):
        wanted = Selection.read(selection)
        fits = queries.candidates(stocked).filter(wanted.scope(), pk=record.pk).exists()
        assert fits == (not wanted.outside(record))


def test_all_of_a_contributor_go_for_the_reason_that_was_chosen(admin, client, published):
    author = published.pins.first().record.author
    client.force_login(admin)
    given = {"contributor": author.pseudonym, "reason": "wrong"}
    address = reverse("datasets:governance")
    first = client.post(address, given, follow=True).content.decode()
    assert "withdrawn. The next" in first
    assert set(Withdrawal.objects.values_list("reason", flat=True)) == {"wrong"}
    again = client.post(address, given, follow=True).content.decode()
    assert "was left to withdraw" in again


def test_all_that_is_left_out_counts_what_cannot_be_written(admin, client, published):
    revision = published.pins.first().record.revision
    Unfit.objects.create(
        revision=revision, project=revision.task.project, reason="It has no shape."
    )
    client.force_login(admin)
    page = client.get(reverse("datasets:exclusions", args=["demo"])).content.decode()
    assert "cannot be written as a record" in page
    assert "Nothing is left out" not in page


def test_stopping_what_has_ended_shows_it(admin, client, stocked):
    release = build_here(release=cut_release(dataset=stocked, bump="major", person=None))
    client.force_login(admin)
    address = reverse("datasets:release-cancel", args=["demo", release.pk])
    page = client.post(address, follow=True)
    assert page.status_code == 200
    assert "had ended before it could be stopped" in page.content.decode()
    release.refresh_from_db()
    assert release.state == "ready"


def test_a_program_fetches_files_and_archive_by_token(admin, client, published):
    _, token = AuthToken.objects.create(admin)
    by_token = {"authorization": f"Token {token}"}
    version = [published.dataset.slug, published.version]
    manifest = published.files.get(path="manifest.json")
    address = reverse("api-release-file", args=[*version, "manifest.json"])
    answer = client.get(address, headers=by_token)
    assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == manifest.sha256

    rest = client.get(address, headers={**by_token, "range": "bytes=10-"})
    assert rest.status_code == 206
    assert len(b"".join(rest.streaming_content)) == manifest.bytes - 10

    answer = client.get(reverse("api-release-archive", args=version), headers=by_token)
    whole = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert len(whole.namelist()) == published.files.count()
    assert Download.objects.filter(person=admin).count() == 3

    assert client.get(address).status_code == 401
    missing = reverse("api-release-file", args=[*version, "none.json"])
    assert client.get(missing, headers=by_token).json()["code"] == "not_found"


def test_every_number_of_a_comparison_opens_its_records_the_weightiest_first(
    admin, client, published
):
    client.force_login(admin)
    gone = published.pins.filter(split="train").first().record
    withdraw_record(record_id=gone.record_id, person=admin, reason="wrong")
    dataset = published.dataset
    dataset.mixture = [{"member": "all", "weight": 2}]
    dataset.save()
    cut = cut_release(dataset=dataset, bump="", person=None)
    publish_release(release=build_here(release=cut), person=None)
    address = reverse("datasets:compare", args=["demo"])
    page = client.get(address)
    kinds = [entry["change"] for entry in page.context["shown"]]
    assert kinds == ["removed"] + ["described"] * cut.snapshot["records"]
    words = page.content.decode()
    for change, number in (("removed", 1), ("described", cut.snapshot["records"])):
        link = f"?old=1.0.0&amp;new=2.0.0&amp;change={change}"
        assert f'href="{link}"' in words
        assert client.get(address + html.unescape(link)).context["shown"].paginator.count == number
    only = client.get(address, {"change": "removed", "domain": gone.domain}).context["shown"]
    assert [entry["record_id"] for entry in only] == [str(gone.record_id)]
    assert (
        not client.get(address, {"change": "removed", "domain": "x"}).context["shown"].object_list
    )
    assert client.get(address, {"change": "x"}).status_code == 200


def test_a_release_says_in_one_place_who_how_and_whether(admin, client, published):
    client.force_login(admin)
    shown = client.get(reverse("datasets:version", args=["demo", "1.0.0"])).content.decode()
    for words in ("Who wrote it", "Who checked it", "May it be used", "Yes, under its licence"):
        assert words in shown
    assert f"{published.dataset.licence}</a>" in shown


def test_a_build_is_compared_before_it_is_published_by_administrators_alone(
    admin, client, published, studio
):
    gone = published.pins.filter(split="train").first().record
    withdraw_record(record_id=gone.record_id, person=admin, reason="wrong")
    build_here(release=cut_release(dataset=published.dataset, bump="", person=None))
    ready = Release.objects.get(state="ready")
    client.force_login(admin)
    shown = client.get(reverse("datasets:release", args=["demo", ready.pk])).content.decode()
    link = html.unescape(re.search(r'href="([^"]*compare[^"]*)">See the difference', shown)[1])
    page = client.get(link)
    assert [entry["change"] for entry in page.context["shown"]] == ["removed"]
    assert "2.0.0 (ready to publish)" in page.content.decode()
    client.force_login(studio.lead)
    assert client.get(link).status_code == 404
