"""Forms of datasets and releases: they parse, services decide."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from experts.models import Project
from exports import queries
from exports.enums import Bump, Reason
from exports.models import Dataset
from exports.models.dataset import NAME

_AXES = {
    "domains": ("domain", "Domains (and all below)"),
    "languages": ("language", "Languages"),
    "difficulties": ("difficulty", "Difficulty"),
    "task_types": ("task_type", "Task types"),
    "kinds": ("kind", "Kinds of target"),
    "quality_classes": ("quality_class", "Quality classes"),
    "policy_categories": ("policy_category", "Policy categories"),
    "licences": ("licence", "Licences"),
}


class DatasetForm(forms.Form):
    """A new dataset."""

    title = forms.CharField(max_length=160)
    slug = forms.CharField(
        max_length=60,
        label="Name in addresses and files",
        help_text="Small letters, digits and dashes, like cardiology-answers.",
        validators=[RegexValidator(NAME, "Use small letters, digits and dashes only.")],
    )
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    projects = forms.ModelMultipleChoiceField(
        queryset=Project.objects.filter(archived_at=None), widget=forms.CheckboxSelectMultiple
    )


class SettingsForm(forms.Form):
    """What the next release of a dataset holds, how it is split and what its papers say."""

    title = forms.CharField(max_length=160)
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    approved_from = forms.DateField(
        required=False, label="Approved from", widget=forms.DateInput(attrs={"type": "date"})
    )
    approved_to = forms.DateField(
        required=False, label="Approved until", widget=forms.DateInput(attrs={"type": "date"})
    )
    train = forms.FloatField(min_value=0, max_value=1, label="Share for training")
    validation = forms.FloatField(min_value=0, max_value=1, label="Share for validation")
    test = forms.FloatField(min_value=0, max_value=1, label="Share for test")
    held_out = forms.FloatField(
        min_value=0, max_value=1, label="Share held out", help_text="Never leaves in any file."
    )
    preference_pairs = forms.BooleanField(
        required=False,
        label="Ship preference pairs",
        help_text="Earlier texts that reviewers sent back travel beside the approved ones, marked as such.",
    )
    licence = forms.CharField(max_length=80)
    attribution = forms.CharField(max_length=300, required=False)
    contact = forms.EmailField(required=False)

    def __init__(self, *args: Any, dataset: Dataset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (axis, label) in _AXES.items():
            chosen = [str(value) for value in dataset.selection.get(name, [])]
            values = sorted({*queries.axis_values(dataset, axis), *chosen})
            self.fields[name] = forms.MultipleChoiceField(
                required=False,
                label=label,
                choices=[(value, value) for value in values],
                widget=forms.CheckboxSelectMultiple,
                help_text="None chosen means A and B." if name == "quality_classes" else "",
            )

    @staticmethod
    def initial_of(dataset: Dataset) -> dict[str, Any]:
        """The form as the dataset stands."""
        plain = ("title", "description", "preference_pairs", "licence", "attribution", "contact")
        selection = {
            name: [str(v) for v in value] if isinstance(value, list) else value
            for name, value in dataset.selection.items()
        }
        shares: dict[str, Any] = dataset.shares
        return {name: getattr(dataset, name) for name in plain} | shares | selection

    def settings(self) -> dict[str, Any]:
        """What `edit_dataset` takes."""
        given = self.cleaned_data
        selection: dict[str, Any] = {name: given[name] for name in _AXES if given.get(name)}
        if "difficulties" in selection:
            selection["difficulties"] = [int(value) for value in selection["difficulties"]]
        for name in ("approved_from", "approved_to"):
            if given.get(name):
                selection[name] = given[name].isoformat()
        plain = ("title", "description", "preference_pairs", "licence", "attribution", "contact")
        shares = {name: given[name] for name in ("train", "validation", "test", "held_out")}
        return {name: given[name] for name in plain} | {"selection": selection, "shares": shares}


class MemberForm(forms.Form):
    """One slice of the mixture."""

    member = forms.CharField(max_length=60, required=False, label="Name of the slice")
    domain = forms.CharField(max_length=400, required=False, label="Domain")
    weight = forms.FloatField(required=False, initial=1, label="Weight")
    cap = forms.IntegerField(required=False, min_value=1, label="At most")

    def entry(self) -> dict[str, Any] | None:
        """The slice as a dataset keeps it; None for an empty row."""
        given = self.cleaned_data
        if not given.get("member"):
            return None
        weight = given.get("weight")
        where = {"domains": [given["domain"]]} if given.get("domain") else {}
        entry = {
            "member": given["member"],
            "where": where,
            "weight": 1 if weight is None else weight,
        }
        return entry | ({"cap": given["cap"]} if given.get("cap") else {})


MixtureFormSet = forms.formset_factory(MemberForm, extra=2)


def mixture_initial(dataset: Dataset) -> list[dict[str, Any]]:
    """The rows of the mixture as they stand."""
    return [
        {
            "member": raw["member"],
            "domain": next(iter(raw.get("where", {}).get("domains", [])), ""),
            "weight": raw.get("weight", 1),
            "cap": raw.get("cap"),
        }
        for raw in dataset.mixture
    ]


class BuildForm(forms.Form):
    """The step of the next version; left out, it is the least that the changes allow."""

    bump = forms.ChoiceField(
        choices=Bump.choices, widget=forms.RadioSelect, label="Step of the version", required=False
    )


class WithdrawForm(forms.Form):
    """Why something is withdrawn."""

    reason = forms.ChoiceField(choices=Reason.choices)
    note = forms.CharField(
        max_length=600, label="In a few words", widget=forms.Textarea(attrs={"rows": 2})
    )


class TombstoneForm(forms.Form):
    """Withdraw one record, or all of one contributor."""

    record = forms.UUIDField(required=False, label="Record id")
    contributor = forms.CharField(
        max_length=20,
        required=False,
        help_text="The pseudonym, as records show it: takes back all of theirs.",
    )
    reason = forms.ChoiceField(choices=Reason.choices)
    note = forms.CharField(max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def clean(self) -> dict[str, Any]:
        """Exactly one of the two."""
        given: dict[str, Any] = super().clean() or {}
        if bool(given.get("record")) == bool(given.get("contributor")):
            raise forms.ValidationError("Name a record or a contributor, one of the two.")
        return given


class DeliveryForm(forms.Form):
    """Where a release is to be sent."""

    kind = forms.ChoiceField(label="To")
    destination = forms.CharField(
        max_length=400, help_text="A folder below the export folder, bucket/prefix, or owner/name."
    )


class TokenizerForm(forms.Form):
    """A tokenizer's files: one archive (.zip, .tar.gz) or tokenizer.json itself."""

    name = forms.CharField(max_length=120)
    archive = forms.FileField(label="Archive or tokenizer.json")
    chat_template = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Empty: the one in the archive.",
    )
