"""The values shown on the style page: one example of each component in each state."""

from typing import Any

from django import forms

from annotation.enums import TaskState


class ExampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(help_text="As it should be printed in the release.", max_length=40)
    note = forms.CharField(widget=forms.Textarea, required=False)
    field_of_work = forms.ChoiceField(
        choices=[("", "Choose one"), ("medicine", "Medicine"), ("law", "Law")]
    )
    verdict = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=[("pass", "Pass"), ("fix", "Needs a fix"), ("fail", "Fail")],
    )
    agreed = forms.BooleanField(
        label="I wrote this myself", help_text="Nobody and nothing else wrote it for me."
    )
    file = forms.FileField(required=False)


LONG_TEXT = """
## What to tell a patient

Paracetamol is safe **when the daily limit is kept**. The limit is lower for people under 50 kg.

| Weight | Each dose | In 24 hours |
|---|--:|--:|
| over 50 kg | 1 g | 4 g |
| 33 to 50 kg | 15 mg/kg | 60 mg/kg |

1. Ask about *other* medicines that contain it.
2. Ask about alcohol and liver disease.

> “Can I take two tablets now and two in four hours?”

The clearance follows $C = \\frac{D}{t}$.[^1] A hidden character shows: \u202e.

[^1]: A simplification for teaching.
"""


def examples() -> dict[str, Any]:
    """Context of the style page."""
    wrong = ExampleForm({"name": "", "note": "kept as typed", "field_of_work": "law"})
    return {
        "states": TaskState.choices,
        "form": ExampleForm(auto_id="fresh_%s"),
        "wrong": wrong,
        "long_text": LONG_TEXT,
        "trail": [("Projects", "/projects/"), ("Demo", "/projects/")],
        "diff": [
            ("same", "Take one tablet "),
            ("removed", "every four hours"),
            ("added", "every six hours, at most four a day"),
            ("same", ", with water."),
        ],
        "findings": [
            {"severity": "error", "message": "The second requirement is not answered."},
            {"severity": "warning", "message": "One sentence is longer than 60 words."},
            {"severity": "info", "message": "Two sources are named."},
        ],
        "meters": [(20, 120, 400, 600), (240, 120, 400, 600), (520, 120, 400, 600)],
    }
