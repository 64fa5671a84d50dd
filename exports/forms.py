"""Forms of datasets and releases: they parse, services decide."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from experts.models import Project
from exports import queries
from exports.enums import Bump, Reason
from exports.formats import FORMATS
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


_PLAIN = (
    "title",
    "description",
    "preference_pairs",
    "formats",
    "licence",
    "attribution",
    "contact",
)


class _Projects(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # takes no argument at run time
    """All projects: what was approved in an archived one can be released like any other."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} (archived)" if obj.archived_at else str(obj)


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
    projects = _Projects(
        queryset=Project.objects.order_by("archived_at", "name"),
        widget=forms.CheckboxSelectMultiple,
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
    most_characters = forms.IntegerField(
        required=False,
        min_value=1,
        label="At most so many characters",
        help_text="Longer records are held back whole: nothing is ever cut. About four characters make a token.",
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
    formats = forms.MultipleChoiceField(
        required=False,
        label="Training formats",
        choices=[(entry.slug, entry.title) for entry in FORMATS],
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen means all of them. Records and both Parquet configurations always travel.",
    )
    pin_checks = forms.BooleanField(
        required=False,
        label="Pin the versions of the checks",
        help_text="Records that other versions of the checks looked at are left out, with that reason.",
    )
    licence = forms.CharField(max_length=80)
    attribution = forms.CharField(max_length=300, required=False)
    contact = forms.EmailField(required=False)

    def __init__(
        self, *args: Any, dataset: Dataset, taken: dict[str, list[str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.pinned = dataset.pinned_checks
        for name, (axis, label) in _AXES.items():
            chosen = [str(value) for value in dataset.selection.get(name, [])]
            values = sorted({*taken[axis], *chosen})
            self.fields[name] = forms.MultipleChoiceField(
                required=False,
                label=label,
                choices=[(value, value) for value in values],
                widget=forms.CheckboxSelectMultiple,
                help_text="None chosen means A and B." if name == "quality_classes" else "",
            )

    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields by what they decide, in the order of the page; axes without values left out."""
        axes = [name for name in _AXES if getattr(self.fields[name], "choices", None)]
        names = {
            "What belongs in": [
                *axes,
                "approved_from",
                "approved_to",
                "most_characters",
                "pin_checks",
            ],
            "Splits": ["train", "validation", "test", "held_out"],
            "What travels": ["formats", "preference_pairs"],
            "What the papers say": ["title", "description", "licence", "attribution", "contact"],
        }
        return [(title, [self[name] for name in fields]) for title, fields in names.items()]

    @staticmethod
    def initial_of(dataset: Dataset) -> dict[str, Any]:
        """The form as the dataset stands."""
        selection = {
            name: [str(v) for v in value] if isinstance(value, list) else value
            for name, value in dataset.selection.items()
        }
        shares: dict[str, Any] = dataset.shares
        pinned = {"pin_checks": bool(dataset.pinned_checks)}
        return {name: getattr(dataset, name) for name in _PLAIN} | shares | selection | pinned

    def settings(self) -> dict[str, Any]:
        """What `edit_dataset` takes; versions of checks that are pinned already stay as they are."""
        given = self.cleaned_data
        selection: dict[str, Any] = {name: given[name] for name in _AXES if given.get(name)}
        if "difficulties" in selection:
            selection["difficulties"] = [int(value) for value in selection["difficulties"]]
        for name in ("approved_from", "approved_to"):
            if given.get(name):
                selection[name] = given[name].isoformat()
        if given.get("most_characters"):
            selection["most_characters"] = given["most_characters"]
        shares = {name: given[name] for name in ("train", "validation", "test", "held_out")}
        from checks.registry import CHECKS  # noqa: PLC0415  (slow import)

        now = {check.id: str(check.version) for check in CHECKS}
        return {name: given[name] for name in _PLAIN} | {
            "selection": selection,
            "shares": shares,
            "pinned_checks": (self.pinned or now) if given["pin_checks"] else {},
        }


_SLICES = {
    "domains": "Domain",
    "languages": "Language",
    "difficulties": "Difficulty",
    "task_types": "Task type",
    "kinds": "Kind",
    "quality_classes": "Quality",
    "policy_categories": "Policy",
    "licences": "Licence",
}


class MemberForm(forms.Form):
    """One slice of the mixture: any value of each axis, or one."""

    member = forms.CharField(max_length=60, required=False, label="Name of the slice")

    def __init__(self, *args: Any, values: dict[str, list[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in _SLICES.items():
            chosen = self.initial.get(name)
            known = sorted({*values[name], *([chosen] if chosen else [])})
            if known:
                self.fields[name] = forms.ChoiceField(
                    required=False, label=label, choices=[("", "Any"), *((v, v) for v in known)]
                )
        self.fields["weight"] = forms.FloatField(required=False, label="Weight", initial=1)
        self.fields["cap"] = forms.IntegerField(required=False, min_value=1, label="At most")

    def entry(self) -> dict[str, Any] | None:
        """The slice as a dataset keeps it; None for an empty row."""
        given = self.cleaned_data
        if not given.get("member"):
            return None
        weight = given.get("weight")
        where = {name: _values(name, given[name]) for name in _SLICES if given.get(name)}
        entry = {
            "member": given["member"],
            "where": where,
            "weight": 1 if weight is None else weight,
        }
        return entry | ({"cap": given["cap"]} if given.get("cap") else {})


def _values(name: str, chosen: str) -> list[Any]:
    parts = chosen.split(", ")
    return [int(part) for part in parts] if name == "difficulties" else parts


MixtureFormSet = forms.formset_factory(MemberForm, extra=1)


def slice_values(taken: dict[str, list[str]]) -> dict[str, list[str]]:
    """What slices may be made of: {selection key: values that the records take}."""
    return {name: taken[_AXES[name][0]] for name in _SLICES}


def mixture_initial(dataset: Dataset) -> list[dict[str, Any]]:
    """The rows of the mixture as they stand; several values of an axis stay together."""
    return [
        {
            "member": raw["member"],
            "weight": raw.get("weight", 1),
            "cap": raw.get("cap"),
            **{
                name: ", ".join(map(str, raw["where"][name]))
                for name in _SLICES
                if raw.get("where", {}).get(name)
            },
        }
        for raw in dataset.mixture
    ]


class TargetForm(forms.Form):
    """How many records of one slice are wanted."""

    wanted = forms.IntegerField(required=False, min_value=1, label="Records wanted")

    def __init__(self, *args: Any, slices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.initial.get("slice")
        known = dict(slices) | ({chosen: _slice_words(*chosen.split("=", 1))} if chosen else {})
        self.fields["slice"] = forms.ChoiceField(
            required=False, label="Slice", choices=[("", "None"), *known.items()]
        )
        self.order_fields(["slice", "wanted"])


def _slice_words(axis: str, value: str) -> str:
    return f"{axis.replace('_', ' ').capitalize()}: {value}"


TargetFormSet = forms.formset_factory(TargetForm, extra=1)


def target_slices(taken: dict[str, list[str]]) -> list[tuple[str, str]]:
    """(axis=value, words) of every slice that a target may be set for."""
    return [
        (f"{axis}={value}", _slice_words(axis, value))
        for axis in queries.AXES
        for value in taken[axis]
    ]


def targets_initial(dataset: Dataset) -> list[dict[str, Any]]:
    """The rows of the targets as they stand."""
    return [
        {"slice": f"{axis}={value}", "wanted": number}
        for axis, wanted in queries.targets_of(dataset).items()
        for value, number in wanted.items()
    ]


def targets_given(rows: Any) -> dict[str, dict[str, int]]:
    """{axis: {value: records}} of a filled TargetFormSet."""
    found: dict[str, dict[str, int]] = {}
    for row in rows.forms:
        chosen, wanted = row.cleaned_data.get("slice"), row.cleaned_data.get("wanted")
        if chosen and wanted:
            axis, _, value = chosen.partition("=")
            found.setdefault(axis, {})[value] = wanted
    return found


class BuildForm(forms.Form):
    """The step of the next version; left out, it is the least that the changes allow."""

    bump = forms.ChoiceField(
        choices=Bump.choices, widget=forms.RadioSelect, label="Step of the version", required=False
    )

    def __init__(self, *args: Any, steps: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bump"].choices = [  # type: ignore[attr-defined]
            (value, f"{label}, {steps[value]}") for value, label in Bump.choices
        ]


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
