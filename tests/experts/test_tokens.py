"""Tokens of programs: made, shown once, listed, ended, audited; and none of them ever writes a response."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from annotation.services.claim import take_next
from audit.models import Event
from experts.errors import NoSuchToken, TooManyTokens
from experts.models import ProgramToken
from experts.services.rights import ask_for_erasure, erase_person
from experts.services.tokens import MOST_TOKENS, create_token, revoke_token
from tests.factories.annotation import InstructionFactory, TaskFactory, write
from tests.factories.experts import UserFactory

PASSWORD = "firsthand-demo"


@pytest.fixture
def signed_in(studio, client):
    """The writer, who has just shown their password."""
    client.force_login(studio.writer)
    asked = client.get(reverse("people:tokens"))
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    client.post(asked["Location"], {"password": PASSWORD})
    return client


def program(secret):
    return Client(headers={"authorization": f"Token {secret}"})


def make(client, **fields):
    return client.post(reverse("people:tokens"), {"name": "Import script", "days": "30", **fields})


def test_secret_is_shown_once_and_opens_the_interface(signed_in, studio):
    page = make(signed_in)
    secret = page.context["secret"]
    assert secret in page.content.decode()
    assert page["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    again = signed_in.get(reverse("people:tokens")).content.decode()
    assert "Import script" in again
    assert secret[:8] in again
    assert secret not in again
    assert not AuthToken.objects.filter(digest=secret).exists()
    assert program(secret).get("/api/v1/projects/").status_code == 200


def test_token_ends_when_asked_and_by_itself(signed_in, studio):
    first, second = (make(signed_in).context["secret"] for _ in range(2))
    pk = ProgramToken.objects.get(token__token_key__startswith=first[:15]).pk
    signed_in.post(reverse("people:token-revoke", args=[pk]))
    assert program(first).get("/api/v1/projects/").status_code == 401
    assert program(second).get("/api/v1/projects/").status_code == 200
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert program(second).get("/api/v1/projects/").status_code == 401


def test_both_decisions_are_in_the_audit_trail_without_the_secret(studio):
    made, secret = create_token(person=studio.writer, name="Script", days=7)
    revoke_token(person=studio.writer, pk=made.pk)
    told = Event.objects.filter(verb__startswith="experts.token_").order_by("id")
    assert [event.verb for event in told] == ["experts.token_created", "experts.token_revoked"]
    assert all(event.data["name"] == "Script" for event in told)
    assert all(secret[:15] not in str(event.data) for event in told)


def test_nobody_ends_the_token_of_another(studio):
    made, _ = create_token(person=studio.writer, name="Script", days=7)
    with pytest.raises(NoSuchToken):
        revoke_token(person=studio.expert, pk=made.pk)


def test_ten_are_enough(studio):
    for _ in range(MOST_TOKENS):
        create_token(person=studio.writer, name="Script", days=7)
    with pytest.raises(TooManyTokens):
        create_token(person=studio.writer, name="One more", days=7)
    AuthToken.objects.filter(pk=AuthToken.objects.first().pk).update(expiry=timezone.now())
    assert create_token(person=studio.writer, name="One more", days=7)


@pytest.mark.parametrize("fields", [{"name": ""}, {"days": "3650"}, {"days": ""}])
def test_form_wants_a_name_and_an_end(signed_in, fields):
    page = make(signed_in, **fields)
    assert page.context["form"].errors
    assert not ProgramToken.objects.exists()


def test_erasure_ends_every_token(studio):
    _, secret = create_token(person=studio.writer, name="Script", days=7)
    request = ask_for_erasure(person=studio.writer)
    erase_person(request=request, actor=UserFactory(is_superuser=True))
    assert not ProgramToken.objects.exists()
    assert program(secret).get("/api/v1/projects/").status_code == 401


def test_token_never_writes_a_response(studio):
    """The pages where responses are written know sessions only, and the interface has no such resource."""
    TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    assignment = write(take_next(person=studio.writer), "By hand.")
    _, secret = create_token(person=studio.writer, name="Script", days=7)
    client = program(secret)
    for name in ("next", "draft", "submit", "skip"):
        arguments = [] if name == "next" else [assignment.task_id]
        answer = client.post(
            reverse(f"write:{name}", args=arguments), {"response": "By a program."}
        )
        assert answer.status_code in {302, 401, 403}
        assert "/accounts/login/" in answer.get("Location", "/accounts/login/")
    assignment.refresh_from_db()
    assert assignment.fields == {"response": "By hand."}
    assert assignment.state == "live"


def test_interface_changes_nothing_about_responses_and_reviews(studio, client):
    """No address of the interface that changes anything speaks of responses, drafts or reviews."""
    client.force_login(studio.lead)
    paths = client.get("/api/v1/schema/?format=json").json()["paths"]
    changing = {
        f"{verb.upper()} {path}"
        for path, verbs in paths.items()
        for verb in verbs
        if verb not in {"get", "parameters"}
    }
    assert changing
    assert not [
        one
        for one in changing
        if any(word in one for word in ("respon", "review", "draft", "revision"))
    ]
