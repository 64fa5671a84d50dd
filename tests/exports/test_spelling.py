"""Control tokens that somebody typed: noted when a record is frozen, counted on the pages, never changed."""

from importlib import import_module

import orjson
import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from exports import control, queries
from exports.models import Record, Spelling
from exports.preview.tokens import control_tokens
from exports.services.build import build_here
from exports.services.cut import cut_release
from exports.services.publish import publish_release
from exports.services.tokenizers import add_tokenizer
from tests.exports.hard import HARD
from tests.exports.samples import SAMPLES, plain, with_tools
from tests.factories.experts import UserFactory
from tests.factories.exports import approved, dataset_of

TOKENIZER = orjson.dumps(
    {
        "added_tokens": [
            {"id": 1, "content": "<|own_turn|>", "special": True},
            {"id": 2, "content": "[PAD]", "special": True},
            {"id": 3, "content": "<|ordinary|>", "special": False},
        ]
    }
)


def test_every_known_token_has_the_shape_that_is_looked_for():
    assert control.noticed(control.KNOWN) == control.KNOWN
    assert max(map(len, control.KNOWN)) <= Spelling._meta.get_field("token").max_length


def test_texts_arguments_and_tools_are_looked_through():
    assert control.spelled(plain().data) == []
    assert control.spelled(plain("Say </s> or [INST] or `<|im_end|>`.").data) == [
        "</s>",
        "<|im_end|>",
        "[INST]",
    ]
    called = with_tools(words="[TOOL_CALLS] first").data
    called["messages"][1]["tool_calls"][0]["arguments"]["drug"] = '"<|eot_id|>"\n'
    assert control.spelled(called) == ["<|eot_id|>", "[TOOL_CALLS]"]
    assert control.spelled(HARD["control tokens"].data) == [
        "</s>",
        "</think>",
        "<start_of_turn>",
        "<think>",
        "<|im_end|>",
        "<|im_start|>",
        "[INST]",
    ]


@pytest.mark.parametrize(
    "text", ["a <b> c", "<div class='x'>", "x[0] [a] [X]", "a <| b |> c", "[link](u)", "<|>"]
)
def test_markup_and_code_are_no_tokens(text):
    assert control.spelled(plain(text).data) == []


def test_no_sample_but_the_one_meant_for_it_spells_any():
    spelling = {name for name, one in {**SAMPLES, **HARD}.items() if control.spelled(one.data)}
    assert spelling == {"control tokens"}


@pytest.fixture
def admin(db):
    return UserFactory(email="head@example.org", is_superuser=True)


@pytest.fixture
def dataset(studio):
    approved(studio, "End a turn with <|im_end|> and not with </s>.")
    approved(studio, "Ours ends with <|own_turn|>, padded by [PAD].")
    approved(studio, "Nothing of that kind.")
    return dataset_of(studio, shares={"train": 1, "validation": 0, "test": 0, "held_out": 0})


@pytest.mark.django_db
def test_pages_count_them_and_open_the_records(admin, client, dataset):
    client.force_login(admin)
    release = build_here(release=cut_release(dataset=dataset, bump="", person=None))
    publish_release(release=release, person=None)
    wizard = client.get(reverse("datasets:wizard", args=["demo"])).content.decode()
    shown = client.get(reverse("datasets:release", args=["demo", release.pk])).content.decode()
    for page, name, arguments in (
        (wizard, "selected", ["demo"]),
        (shown, "records", ["demo", release.pk]),
    ):
        address = reverse(f"datasets:{name}", args=arguments) + "?spells=known"
        assert f'<a href="{address}">1 record</a>' in page
        assert "spells a control token of the usual chat templates" in page
        listed = client.get(address)
        assert listed.context["shown"].paginator.count == 1
        assert "the usual chat templates" in listed.content.decode()
        assert client.get(address + "x").context["shown"].paginator.count == 0
    first = Record.objects.get(data__contains="im_end")
    page = client.get(reverse("datasets:record", args=["demo", release.pk, first.record_id]))
    assert list(page.context["spelled"]) == ["</s>", "<|im_end|>"]
    assert "End a turn with <|im_end|> and not with </s>." in first.data


@pytest.mark.django_db
def test_a_tokenizer_uploaded_later_has_its_own_count(admin, dataset):
    cut_release(dataset=dataset, bump="", person=None)
    made = add_tokenizer(name="Own", file_name="tokenizer.json", content=TOKENIZER, person=admin)
    assert control_tokens(made) == {"<|own_turn|>", "[PAD]"}
    counts = queries.spelling_counts(queries.spelled_in_selection(queries.selected(dataset)))
    assert counts == [
        {
            "asked": "known",
            "name": "the usual chat templates",
            "records": 1,
            "tokens": ["</s>", "<|im_end|>"],
        },
        {
            "asked": str(made.pk),
            "name": "Own",
            "records": 1,
            "tokens": ["<|own_turn|>", "[PAD]"],
        },
    ]


@pytest.mark.django_db
def test_records_frozen_before_are_noted_once(dataset):
    cut_release(dataset=dataset, bump="", person=None)
    wanted = set(Spelling.objects.values_list("record", "token"))
    assert len(wanted) == 4
    emptied()
    import_module("exports.migrations.0007_note_what_texts_spell").note(apps, None)
    assert set(Spelling.objects.values_list("record", "token")) == wanted


def emptied():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE exports_spelling DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM exports_spelling")
        cursor.execute("ALTER TABLE exports_spelling ENABLE TRIGGER USER")
