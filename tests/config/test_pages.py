"""The shell's own pages, as a browser without scripts sees them."""

import re

import pytest
from django.test import Client

from config.navigation import PLACES
from experts.enums import Role
from tests.factories.experts import ProjectFactory, UserFactory, person_with


def labels(response):
    return [place.label for place in response.context["places"]]


def test_home_tells_a_stranger_what_this_is(client, db):
    response = client.get("/")
    assert "written firsthand" in response.text
    assert labels(response) == []


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.WRITER, ["Write"]),
        (Role.EXPERT, ["Review"]),
        (Role.FORMAT, ["Review"]),
        (Role.OBSERVER, ["Datasets", "Projects"]),
    ],
)
def test_navigation_shows_what_this_person_can_do(client, db, role, expected):
    client.force_login(person_with(ProjectFactory(), role))
    response = client.get("/")
    assert labels(response) == expected
    for label in expected:
        assert f">{label}</a>" in response.text


def test_an_administrator_counts_as_a_lead(client, db):
    client.force_login(UserFactory(is_superuser=True))
    assert labels(client.get("/")) == ["Review", "Datasets", "People", "Projects"]


def test_home_says_what_comes_next_to_somebody_without_a_project(client, db):
    client.force_login(UserFactory())
    assert "You are in no project yet" in client.get("/").text


def test_the_place_one_is_in_is_marked(client, db):
    client.force_login(person_with(ProjectFactory(), Role.WRITER))
    assert '<a href="/write/" aria-current="page">Write</a>' in client.get("/write/").text


def test_places_are_the_names_others_rely_on():
    assert [place.label for place in PLACES] == [
        "Write",
        "Review",
        "Datasets",
        "People",
        "Projects",
    ]


def test_theme_is_kept_and_leads_back(client, db):
    response = client.post("/theme/", {"theme": "dark", "next": "/accounts/login/?next=/write/"})
    assert response.url == "/accounts/login/?next=/write/"
    assert 'data-theme="dark"' in client.get("/").text


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"]
)
def test_theme_leads_to_no_other_site(client, db, back):
    assert client.post("/theme/", {"theme": "dark", "next": back}).url == "/"


def test_theme_ignores_what_is_no_theme(client, db):
    client.post("/theme/", {"theme": '"><script>', "next": "/"})
    assert "theme" not in client.cookies
    client.cookies["theme"] = '"><script>'
    assert "data-theme=" not in client.get("/").text


def test_a_form_older_than_the_session_gives_the_text_back(db):
    client = Client(enforce_csrf_checks=True)
    response = client.post("/theme/", {"theme": "a long answer <b>typed</b> by hand", "next": "/"})
    assert response.status_code == 403
    assert "a long answer &lt;b&gt;typed&lt;/b&gt; by hand</textarea>" in response.text


def test_nothing_at_an_address_is_said_in_our_own_page(client, db):
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "There is nothing here" in response.text


def test_too_much_at_once_is_told_from_what_cannot_be_read(client, db, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = client.post("/theme/", {"theme": "dark", "next": "/" * 200})
    assert response.status_code == 413
    assert "too much at once" in response.text


def test_a_fault_of_ours_is_said_without_asking_the_database(client, monkeypatch):
    """No `db` here: any query would fail the test."""

    def broken(request):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("config.navigation.places_for", broken)
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    assert "Something broke on our side" in response.text
    assert "<nav" not in response.text


def test_no_template_holds_what_the_content_policy_refuses(settings):
    """Inline scripts, styles and handlers would silently do nothing in the browser."""
    forbidden = re.compile(
        r"<script(?![^>]*\b(?:src|type=\"application/json\"))|\sstyle=\"|\son[a-z]+=\"|javascript:"
    )
    templates = (settings.BASE_DIR / "templates").rglob("*.html")
    found = {
        str(path.relative_to(settings.BASE_DIR)): match.group()
        for path in templates
        if (match := forbidden.search(path.read_text()))
    }
    assert found == {}


def test_the_pages_of_the_interface_run_under_the_content_security_policy(client, db):
    client.force_login(UserFactory())
    page = client.get("/api/v1/docs/").text
    assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []
    assert "<style" not in page
    assert client.get("/api/v1/docs/?script=").status_code == 200
    assert client.get("/api/v1/schema/").status_code == 200
