"""How a project is reviewed: its stages with their seats, its criteria, its switches and limits."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms

from annotation.models import ProjectVersion
from annotation.project_settings import setting
from review.enums import StageSlug
from review.pipeline import REQUIRED, steps_of
from review.rubric import as_text, criteria_in, rubric_of
from review.stages import PIPELINE, Stage

NEVER = 6
DIFFICULTIES = [
    (NEVER, "only where the lot falls"),
    *((level, f"from difficulty {level} on") for level in range(5, 0, -1)),
]


class StageForm(forms.Form):
    """One stage: whether the project has it, who sits over what, and by which criteria."""

    sits = forms.BooleanField(label="Responses pass this stage", required=False)
    seats = forms.IntegerField(
        label="Reviewers",
        min_value=1,
        max_value=5,
        help_text="One sits over every task, the further ones where the next three say so.",
    )
    share = forms.IntegerField(
        label="Percent of the tasks that all of them judge",
        min_value=0,
        max_value=100,
        help_text="Drawn by lot.",
    )
    min_difficulty = forms.TypedChoiceField(
        label="All of them judge hard tasks", coerce=int, choices=DIFFICULTIES
    )
    tags = forms.CharField(
        label="All of them judge where an instruction has a tag",
        required=False,
        max_length=300,
        help_text="With commas between them, such as high-risk.",
    )
    criteria = forms.CharField(
        label="Criteria",
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=(
            "Name, what pass, fix and fail mean, and reasons to choose from after a dash; an empty line "
            "before the next one. A criterion keeps its figures as long as it keeps its name."
        ),
    )

    def __init__(self, stage: Stage, version: ProjectVersion, data: Any = None) -> None:
        self.stage = stage
        self.before = rubric_of(stage, rubrics=version.rubrics, project_version=version.number)
        super().__init__(data, prefix=stage.slug, initial=self._initial(version))
        if stage.slug in REQUIRED:
            del self.fields["sits"]

    def _initial(self, version: ProjectVersion) -> dict[str, Any]:
        step = next(
            (s for s in steps_of(version.pipeline) if s.stage.slug == self.stage.slug), None
        )
        return {
            "sits": step is not None,
            "seats": step.seats if step else 1,
            "share": round(step.share * 100) if step else 100,
            "min_difficulty": step.min_difficulty if step else NEVER,
            "tags": ", ".join(sorted(step.tags)) if step else "",
            "criteria": as_text(self.before.criteria),
        }

    def clean_criteria(self) -> list[dict[str, Any]]:
        """The criteria, read from their lines; none where they are those of the stage."""
        try:
            found = criteria_in(self.cleaned_data["criteria"], before=self.before.criteria)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        own = criteria_in(as_text(self.stage.criteria), before=self.stage.criteria)
        return [] if found == own else found

    def step(self) -> dict[str, Any] | None:
        """The step as a project version holds it, or None where the project passes the stage by."""
        given = self.cleaned_data
        if not given.get("sits", self.stage.slug in REQUIRED):
            return None
        step: dict[str, Any] = {"stage": self.stage.slug, "seats": given["seats"]}
        tags = [tag.strip() for tag in given["tags"].split(",") if tag.strip()]
        if given["seats"] > 1:
            step |= {"share": given["share"] / 100} if given["share"] < 100 else {}
            step |= (
                {"min_difficulty": given["min_difficulty"]}
                if given["min_difficulty"] < NEVER
                else {}
            )
            step |= {"tags": tags} if tags else {}
        return step


class ReviewSettingsForm(forms.Form):
    """The switches and limits of reviewing."""

    answer_evidence_flags = forms.BooleanField(
        label="A flag in the writing evidence is answered in words before approval", required=False
    )
    undo_seconds = forms.IntegerField(
        label="Seconds to undo a verdict",
        min_value=0,
        max_value=300,
        help_text="0: it stands at once.",
    )
    review_lease_minutes = forms.IntegerField(
        label="Minutes a reviewer keeps a review that they do not touch",
        min_value=5,
        max_value=43_200,
    )
    form_repair_limit = forms.IntegerField(
        label="Percent of a text that a repair of form may touch",
        min_value=0,
        max_value=100,
        help_text="Beyond it the expert looks again.",
    )
    bulk_sample = forms.IntegerField(
        label="Percent of an all-green pass that is read one by one",
        min_value=1,
        max_value=100,
        help_text="Drawn by lot.",
    )
    calibration_one_in = forms.IntegerField(
        label="One review in so many is a calibration item",
        min_value=0,
        max_value=1_000,
        help_text="While there are items the reviewer has not seen. 0: none.",
    )
    calibration_after = forms.IntegerField(
        label="Reviews before somebody's first calibration item", min_value=0, max_value=10_000
    )
    change_note = forms.CharField(
        label="What changes, and why",
        max_length=300,
        required=False,
        help_text="Kept with the version. Work in progress goes on under the version it began with.",
    )

    PERCENT = ("form_repair_limit", "bulk_sample")

    def __init__(self, version: ProjectVersion, data: Any = None) -> None:
        names = [name for name in self.base_fields if name != "change_note"]
        values = {name: setting(version, name) for name in names}
        super().__init__(data, initial=values | {n: round(values[n] * 100) for n in self.PERCENT})

    def settings(self) -> dict[str, Any]:
        """The settings as a project version holds them."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "change_note"}
        return given | {name: given[name] / 100 for name in self.PERCENT}


class ProjectReviewForm:
    """All of it on one page."""

    def __init__(self, version: ProjectVersion, data: Mapping[str, Any] | None = None) -> None:
        self.version = version
        settles = StageSlug.ADJUDICATION
        self.stages = [
            StageForm(stage, version, data) for stage in PIPELINE if stage.slug != settles
        ]
        self.settings = ReviewSettingsForm(version, data)

    def is_valid(self) -> bool:
        """Whether every part is; each says what is amiss in it."""
        found = [form.is_valid() for form in (*self.stages, self.settings)]
        return all(found)

    def parts(self) -> dict[str, Any]:
        """What changes in a version; whatever this page does not show stays as it was."""
        rubrics = dict(self.version.rubrics)
        for form in self.stages:
            rubrics.pop(form.stage.slug, None)
            if form.cleaned_data["criteria"]:
                rubrics[form.stage.slug] = {"criteria": form.cleaned_data["criteria"]}
        return {
            "pipeline": [step for form in self.stages if (step := form.step())],
            "rubrics": rubrics,
            "settings": {**self.version.settings, **self.settings.settings()},
        }

    @property
    def change_note(self) -> str:
        """Why, in the lead's words."""
        return cast(str, self.settings.cleaned_data["change_note"])
