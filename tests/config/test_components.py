"""The shared parts of pages take plain values and tie together what belongs together."""

import re
from datetime import UTC, date, datetime

import pytest
from django import forms
from django.template import engines
from django.template.loader import render_to_string


class Form(forms.Form):
    name = forms.CharField(help_text="As printed.")
    agreed = forms.BooleanField(help_text="In your own words.")
    verdict = forms.ChoiceField(
        widget=forms.RadioSelect, choices=[("pass", "Pass"), ("fail", "Fail")]
    )
    note = forms.CharField(widget=forms.Textarea, required=False)


def render(source, **context):
    return engines["django"].from_string("{% load firsthand %}" + source).render(context)


def component(name, **context):
    return render_to_string(f"components/{name}.html", context)


def test_field_ties_label_help_and_error_to_the_control():
    html = component("field", field=Form({"name": ""})["name"])
    assert '<label for="id_name">' in html
    assert 'id="id_name_helptext"' in html
    assert (
        'aria-describedby="id_name_helptext id_name_error"' in html
        or 'aria-describedby="id_name_helptext"' in html
    )
    assert 'aria-invalid="true"' in html
    assert "This field is required." in html


def test_field_puts_a_box_before_its_words():
    html = component("field", field=Form()["agreed"])
    assert html.index("<input") < html.index("Agreed") < html.index("In your own words.")


def test_field_groups_choices_under_a_legend():
    html = component("field", field=Form()["verdict"])
    assert "<fieldset" in html
    assert "<legend>Verdict" in html


def test_field_says_what_may_be_left_out():
    assert "(optional)" in component("field", field=Form()["note"])
    assert "(optional)" not in component("field", field=Form()["name"])


def test_form_shows_errors_of_the_whole_first():
    form = Form({"name": "x", "agreed": "on", "verdict": "pass"})
    form.add_error(None, "These two do not fit.")
    html = component("form", form=form)
    assert html.index("These two do not fit.") < html.index("<label")
    assert 'role="alert"' in html


@pytest.mark.parametrize(
    ("value", "words"), [(5, "too short"), (50, "good length"), (500, "too long")]
)
def test_meter_reads_a_value_against_its_band(value, words):
    assert words in component("meter", value=value, low=10, high=100, top=200, unit="words")


def test_meter_needs_no_upper_end():
    assert "10 or more words" in component(
        "meter", value=12, low=10, high=None, top=200, unit="words"
    )


def test_diff_says_in_words_what_the_colours_say():
    html = component("diff", parts=[("same", "a "), ("removed", "b"), ("added", "<c>")])
    assert "[removed: " in html
    assert "[added: " in html
    assert "&lt;c&gt;" in html


def test_pager_is_not_there_for_a_single_page():
    assert "<nav" not in component("pager", previous_url="", next_url="", summary="")
    assert 'rel="next"' in component("pager", previous_url="", next_url="?page=2", summary="")


def test_progress_without_a_known_end_shows_no_value():
    html = component("progress", label="Building", done=3, total=0)
    assert "value=" not in html
    assert "3 so far" in html


def test_icon_is_silent():
    assert 'aria-hidden="true"' in render('{% icon "check" %}')


def test_bundle_carries_the_nonce():
    html = render('{% bundle "editor" %}', CSP_NONCE="abc")
    assert 'type="module"' in html
    assert 'nonce="abc"' in html


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 11, 2, 9, 5, tzinfo=UTC), ">2 Nov 2026, 09:05 UTC</time>"),
        (date(2026, 11, 2), '<time datetime="2026-11-02" data-local="day">2 Nov 2026</time>'),
        ("2026-11-02", '<time datetime="2026-11-02" data-local="day">2 Nov 2026</time>'),
        ("2026-11-02T09:05:00+00:00", ">2 Nov 2026, 09:05 UTC</time>"),
        (None, ""),
    ],
)
def test_when_writes_a_time_for_people_and_machines(moment, expected):
    html = render("{% when moment %}", moment=moment)
    assert expected in html
    assert ("data-local" in html) is (moment is not None)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% along 50 200 %}", "25.0"),
        ("{% along 500 200 %}", "100.0"),
        ("{% along 150 200 50 %}", "50.0"),
        ("{% along 5 0 %}", "0"),
    ],
)
def test_along_stays_on_the_scale(source, expected):
    assert render(source) == expected


def test_plain_escapes_and_shows_what_hides():
    html = render("{{ text|plain }}", text="<b>\u202e")
    assert "&lt;b&gt;" in html
    assert "U+202E" in html


def test_every_icon_that_templates_name_exists(settings):
    sprite = (settings.BASE_DIR / "static" / "icons" / "icons.svg").read_text()
    known = set(re.findall(r'<symbol id="([a-z]+)"', sprite))
    named = set()
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        named |= set(re.findall(r'{% icon "([a-z-]+)" %}|picture="([a-z-]+)"', path.read_text()))
    assert {one or other for one, other in named} <= known


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("Short enough", 12, "Short enough"),
        ("A dose that is too high", 12, "A dose that…"),
        ("A dose, that is too high", 8, "A dose…"),
        ("Donaudampfschifffahrt is long", 10, "Donaudamp…"),
        ("服用前请咨询医生或药师", 6, "服用前请咨…"),
        (None, 6, ""),
    ],
)
def test_a_text_is_cut_between_words(text, most, shown):
    page = engines["django"].from_string("{% load firsthand %}{{ text|shortened:most }}")
    assert page.render({"text": text, "most": most}) == shown
