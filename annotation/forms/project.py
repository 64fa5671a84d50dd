"""The parts of a project that its page edits."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from annotation.models import ProjectVersion
from annotation.models.project_version import default_pipeline
from experts.queries import domain_at

RESERVED = {"new"}
LICENCES = [
    ("cc-by-4.0", "CC BY 4.0"), ("cc0-1.0", "CC0 1.0"), ("cc-by-sa-4.0", "CC BY-SA 4.0"),
    ("cc-by-nc-4.0", "CC BY-NC 4.0"), ("other", "Other, or not for publication"),
]  # fmt: skip


class ProjectForm(forms.Form):
    """Name, guideline, numbers and rights. `parts()` gives what a project version takes."""

    name = forms.CharField(label="Name", max_length=160)
    summary = forms.CharField(label="In one sentence", max_length=300, required=False)
    guideline = forms.CharField(
        label="Guideline",
        required=False,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text="What writers and reviewers read beside every task. Markdown.",
    )
    responses_wanted = forms.IntegerField(
        label="Responses for each instruction",
        min_value=1,
        max_value=20,
        initial=1,
        help_text="For instructions that are imported from now on. Each comes from a different writer.",
    )
    lease_minutes = forms.IntegerField(
        label="Minutes a writer keeps a task",
        min_value=1,
        max_value=60 * 24 * 30,
        initial=120,
        help_text="Counted anew with every change they make. A draft is kept in any case.",
    )
    expert_seats = forms.IntegerField(
        label="Expert reviewers for each response", min_value=1, max_value=3, initial=1
    )
    format_seats = forms.IntegerField(
        label="Format reviewers for each response", min_value=1, max_value=3, initial=1
    )
    licence = forms.ChoiceField(label="Licence of released pairs", choices=LICENCES)
    attribution = forms.CharField(label="Attribution", max_length=200, required=False)
    default_domain = forms.CharField(
        label="Field of instructions that name none",
        max_length=400,
        required=False,
        help_text="A path like medicine.cardiology. Without one, such instructions are refused.",
    )
    compare_with_others = forms.BooleanField(
        label="Look for duplicates in other projects too",
        required=False,
        help_text="In those that allow it as well. People learn that a text is known elsewhere, never the text.",
    )
    targets = forms.CharField(
        label="Coverage aimed at",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Approved responses by field, one a line: medicine = 500",
    )
    change_note = forms.CharField(
        label="What changes, and why",
        max_length=300,
        required=False,
        help_text="Kept with the version. Work in progress goes on under the version it began with.",
    )

    @staticmethod
    def initial_of(version: ProjectVersion) -> dict[str, Any]:
        """The fields as a version has them."""
        seats = {step["stage"]: step.get("seats", 1) for step in version.pipeline}
        targets = version.coverage_targets.get("domain", {})
        return {
            "name": version.project.name,
            "summary": version.summary,
            "guideline": version.guideline,
            "responses_wanted": version.responses_wanted,
            "lease_minutes": version.lease_minutes,
            "expert_seats": seats.get("expert", 1),
            "format_seats": seats.get("format", 1),
            "licence": version.rights.get("licence", "other"),
            "attribution": version.rights.get("attribution", ""),
            "default_domain": version.settings.get("default_domain", ""),
            "compare_with_others": version.settings.get("compare_with_others", False),
            "targets": "\n".join(f"{path} = {number}" for path, number in targets.items()),
        }

    def clean_default_domain(self) -> str:
        """A path that exists, by its present name."""
        path = str(self.cleaned_data["default_domain"]).strip()
        domain = domain_at(path) if path else None
        if path and domain is None:
            raise forms.ValidationError(
                "There is no field with this path. They are listed under People, Domains."
            )
        return domain.path if domain else ""

    def clean_targets(self) -> dict[str, int]:
        """{path: number} from the lines."""
        targets: dict[str, int] = {}
        for line in str(self.cleaned_data["targets"]).splitlines():
            path, equals, number = (part.strip() for part in line.partition("="))
            if not line.strip():
                continue
            domain = domain_at(path)
            if not equals or not number.isdecimal() or domain is None:
                raise forms.ValidationError(
                    f"“{line.strip()}”: write a known field, =, and a number."
                )
            targets[domain.path] = int(number)
        return targets

    def parts(self, before: ProjectVersion | None) -> dict[str, Any]:
        """What changes in a version; whatever this form does not show stays as it was."""
        given = self.cleaned_data
        pipeline = before.pipeline if before else default_pipeline()
        seats: dict[Any, int] = {"expert": given["expert_seats"], "format": given["format_seats"]}
        return {
            "summary": given["summary"],
            "guideline": given["guideline"].replace("\r\n", "\n"),
            "responses_wanted": given["responses_wanted"],
            "lease_minutes": given["lease_minutes"],
            "pipeline": [
                {**step, "seats": seats.get(step["stage"], step.get("seats", 1))}
                for step in pipeline
            ],
            "rights": _with(before.rights if before else {}, given, "licence", "attribution"),
            "coverage_targets": {
                **(before.coverage_targets if before else {}),
                "domain": given["targets"],
            },
            "settings": _with(
                before.settings if before else {}, given, "default_domain", "compare_with_others"
            ),
        }


def _with(before: dict[str, Any], given: dict[str, Any], *names: str) -> dict[str, Any]:
    """The old values with the given ones in place; an empty one is left out."""
    after = {**before, **{name: given[name] for name in names}}
    return {name: value for name, value in after.items() if value != ""}


class NewProjectForm(ProjectForm):
    """The same, and the address."""

    slug = forms.CharField(
        label="Address",
        max_length=60,
        validators=[
            RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$", "Small letters, figures and hyphens.")
        ],
        help_text="Small letters, figures and hyphens; it stays as it is.",
    )
    field_order = ["name", "slug"]

    def clean_slug(self) -> str:
        """Not one of our own addresses."""
        slug = str(self.cleaned_data["slug"])
        if slug in RESERVED:
            raise forms.ValidationError("This address is taken by the site itself.")
        return slug


class ArchiveForm(forms.Form):
    """Why a project is archived."""

    reason = forms.CharField(
        label="Why",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Everybody in the project reads it.",
    )


class DueForm(forms.Form):
    """The day by which responses are wanted; empty takes it away."""

    day = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
