"""The form of a calibration item, with a few flaws."""

from typing import Any

from django import forms

from experts.models import Domain, Project
from review.stages import PIPELINE

FLAWS = 3


class CalibrationForm(forms.Form):
    """An instruction, a response that holds known flaws, and what they are."""

    project = forms.ModelChoiceField(Project.objects.none(), empty_label="Choose one")
    stage = forms.ChoiceField(
        choices=[(s.slug, s.title) for s in PIPELINE if s.slug != "adjudication"]
    )
    domain = forms.ModelChoiceField(Domain.objects.all(), label="Field", empty_label="Choose one")
    instruction = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}))
    response = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="It must look like ordinary work. Plant the flaws in it, then name them below.",
    )
    source = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, projects: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = projects  # type: ignore[attr-defined]
        criteria = [
            (criterion.id, f"{stage.title}: {criterion.label}")
            for stage in PIPELINE
            for criterion in stage.criteria
            if stage.slug != "adjudication"
        ]
        for number in range(1, FLAWS + 1):
            self.fields[f"criterion_{number}"] = forms.ChoiceField(
                choices=[("", "No flaw"), *criteria],
                required=False,
                label="Criterion",
            )
            self.fields[f"quote_{number}"] = forms.CharField(
                required=False,
                label="Passage",
                help_text="Word for word; empty where something is missing.",
            )
            self.fields[f"words_{number}"] = forms.CharField(required=False, label="What is wrong")

    @property
    def item_fields(self) -> list[forms.BoundField]:
        """Everything but the flaws."""
        names = ("project", "stage", "domain", "instruction", "response", "source")
        return [self[name] for name in names]

    @property
    def flaw_fields(self) -> list[list[forms.BoundField]]:
        """The fields of each flaw."""
        return [
            [self[f"{part}_{number}"] for part in ("criterion", "quote", "words")]
            for number in range(1, FLAWS + 1)
        ]

    def flaws(self) -> list[dict[str, str]]:
        """The flaws that were named."""
        data = self.cleaned_data
        return [
            {
                "criterion": data[f"criterion_{n}"],
                "quote": data[f"quote_{n}"],
                "words": data[f"words_{n}"],
            }
            for n in range(1, FLAWS + 1)
            if data[f"criterion_{n}"]
        ]
