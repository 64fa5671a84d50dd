"""What people type about themselves and each other."""

from itertools import groupby
from operator import itemgetter
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from experts.enums import CredentialKind, Delivery, NotificationKind, Role, WorkKind
from experts.models import Domain, Membership, Project, User
from experts.queries import led_by


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]


class DateInput(forms.DateInput):
    """The browser's own day picker."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class TokenForm(forms.Form):
    """A token for a program."""

    name = forms.CharField(
        max_length=80,
        label="What is it for?",
        help_text="Your own words, so that you know later which program to look at.",
    )
    days = forms.ChoiceField(
        label="Ends by itself after",
        choices=[("7", "7 days"), ("30", "30 days"), ("90", "90 days")],
        initial="30",
    )


class ProfileForm(forms.Form):
    """One's own page."""

    name = forms.CharField(
        max_length=120, required=False, help_text="How colleagues here call you. Never released."
    )
    languages = forms.CharField(
        max_length=200,
        required=False,
        help_text="Tags of the languages you write in, with commas: en, de, pt-BR. Empty: any.",
    )
    assistive_input = forms.BooleanField(
        required=False,
        label="I use dictation or other assistive input",
        help_text="Then the timing of your writing is not shown to anybody.",
    )

    def clean_languages(self) -> list[str]:
        tags = _split(self.cleaned_data["languages"])
        odd = [
            tag
            for tag in tags
            if not tag.replace("-", "").isalnum() or len(tag.split("-")[0]) not in (2, 3)
        ]
        if odd:
            raise forms.ValidationError(
                f"“{odd[0]}” is not a language tag. Use two letters, like en or fr."
            )
        return [tag.split("-")[0].lower() + tag[len(tag.split("-")[0]) :] for tag in tags]


class FieldTree(forms.CheckboxSelectMultiple):
    """Fields of expertise to tick, folded by the broadest field; what is folded is no stop for the keyboard."""

    use_fieldset = True

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        domain: Domain = value.instance
        return {**option, "root": domain.path.partition(".")[0], "depth": domain.depth}

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        context = self.get_context(name, value, attrs)["widget"]
        options = [option for _, group, _ in context["optgroups"] for option in group]
        trees = [list(tree) for _, tree in groupby(options, key=itemgetter("root"))]
        shown = [
            {"options": tree, "open": any(option["selected"] for option in tree)} for tree in trees
        ]
        return render_to_string("experts/_field_tree.html", {"trees": shown, "widget": context})


class CredentialForm(forms.Form):
    """A proof of expertise, with its document."""

    kind = forms.ChoiceField(choices=CredentialKind.choices)
    title = forms.CharField(max_length=200, help_text="As it reads on the document.")
    issuer = forms.CharField(
        max_length=200, label="Issued by", help_text="The board, university or employer."
    )
    jurisdiction = forms.CharField(
        max_length=80, required=False, help_text="Country or state where it holds."
    )
    number = forms.CharField(
        max_length=80,
        required=False,
        help_text="Kept encrypted; seen only by you and by who verifies it. An ORCID iD is checked digit by digit.",
    )
    domains = forms.ModelMultipleChoiceField(
        queryset=Domain.objects.filter(merged_into=None),
        label="Fields it covers",
        help_text="Each field includes all fields below it.",
        widget=FieldTree,
    )
    issued_on = forms.DateField(required=False, widget=DateInput(), label="Issued on")
    expires_on = forms.DateField(required=False, widget=DateInput(), label="Expires on")
    document = forms.FileField(
        required=False,
        help_text="A PDF, or a photo as JPEG or PNG, at most 10 MB. Only who verifies it sees it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["domains"].label_from_instance = lambda one: one.name  # type: ignore[attr-defined]


class VerifyForm(forms.Form):
    """What the verifier found."""

    method = forms.CharField(
        max_length=120,
        required=False,
        label="How did you verify it?",
        help_text="Needed to verify it. For example: looked up in the public register of the board.",
    )
    note = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Note or reason",
        help_text="Needed when you do not accept it; its holder reads it.",
    )


class ReasonForm(forms.Form):
    """A reason that somebody will read."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}))


class InviteForm(forms.Form):
    """Whom to invite, as what, where."""

    email = forms.EmailField(label="E-mail")
    project = forms.ModelChoiceField(queryset=Project.objects.none(), empty_label=None)
    role = forms.ChoiceField(choices=Role.choices)

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = led_by(actor)  # type: ignore[attr-defined]


class JoinForm(forms.Form):
    """A new account, for somebody who was invited."""

    name = forms.CharField(
        max_length=120, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least eight characters, not only digits, and no common word.",
    )


class MemberForm(forms.Form):
    """A further role for somebody."""

    project = forms.ModelChoiceField(queryset=Project.objects.none(), empty_label=None)
    role = forms.ChoiceField(choices=Role.choices)

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = led_by(actor)  # type: ignore[attr-defined]


class LimitsForm(forms.Form):
    """How much and how difficult work reaches a person in a project."""

    daily_limit = forms.IntegerField(
        min_value=0, max_value=1000, required=False, label="Tasks a day at most"
    )
    difficulty_from = forms.IntegerField(min_value=1, max_value=5, label="Difficulty from")
    difficulty_to = forms.IntegerField(min_value=1, max_value=5, label="to")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("difficulty_from", 1) > cleaned.get("difficulty_to", 5):
            raise forms.ValidationError("The lower difficulty comes first.")
        return cleaned


class PauseForm(forms.Form):
    """Pausing somebody, with what it rests on."""

    project = forms.ModelChoiceField(queryset=Project.objects.none(), empty_label=None)
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}), help_text="The person reads it and can appeal."
    )
    evidence = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One item a line: what was seen, where. Shown to the person in full.",
    )

    def __init__(self, *args: Any, actor: User, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = Membership.objects.filter(person=person, paused_at=None)
        mine = led_by(actor).filter(pk__in=active.values("project"))
        self.fields["project"].queryset = mine  # type: ignore[attr-defined]

    def clean_evidence(self) -> list[dict[str, str]]:
        lines = self.cleaned_data["evidence"].splitlines()
        return [{"text": line.strip()} for line in lines if line.strip()]


class AppealDecisionForm(forms.Form):
    """What an appeal comes to."""

    answer = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        label="Your reasons",
        help_text="The person reads them.",
    )


class DomainForm(forms.Form):
    """A new field."""

    name = forms.CharField(max_length=160)
    parent = forms.ModelChoiceField(
        queryset=Domain.objects.filter(merged_into=None),
        required=False,
        label="Below",
        empty_label="(top)",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].label_from_instance = lambda one: one.path  # type: ignore[attr-defined]


class DomainEditForm(forms.Form):
    """Another name or slug for a field."""

    name = forms.CharField(max_length=160)
    slug = forms.SlugField(
        max_length=80, help_text="Its part of the path. Former paths still lead here."
    )


class DomainPlaceForm(forms.Form):
    """Another place in the tree."""

    other = forms.ModelChoiceField(
        queryset=Domain.objects.none(), required=False, empty_label="(top)", label="Field"
    )

    def __init__(self, *args: Any, domain: Domain, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Domain.objects.filter(merged_into=None).exclude(pk=domain.pk)
        field = self.fields["other"]
        field.queryset = others.exclude(path__startswith=f"{domain.path}.")  # type: ignore[attr-defined]
        field.label_from_instance = lambda one: one.path  # type: ignore[attr-defined]


class TreeFileForm(forms.Form):
    """A file with a tree of fields."""

    file = forms.FileField(
        help_text="CSV with the columns path and name, or JSON. At most 2 MB. Adds what is missing."
    )


class ChoicesForm(forms.Form):
    """How each kind of notification reaches the mailbox."""

    def __init__(self, *args: Any, chosen: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in NotificationKind:
            self.fields[kind.value] = forms.ChoiceField(
                choices=Delivery.choices,
                label=kind.label,
                initial=chosen.get(kind.value, Delivery.AT_ONCE),
                widget=forms.RadioSelect,
            )


class RateForm(forms.Form):
    """What a kind of work is paid from a day on."""

    project = forms.ModelChoiceField(queryset=Project.objects.none(), empty_label=None)
    kind = forms.ChoiceField(choices=WorkKind.choices)
    amount = forms.DecimalField(min_value=0, max_digits=10, decimal_places=2)
    currency = forms.RegexField(
        r"^[A-Za-z]{3}$", initial="EUR", help_text="Three letters, like EUR or USD."
    )
    valid_from = forms.DateField(widget=DateInput(), initial=timezone.localdate)

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = led_by(actor)  # type: ignore[attr-defined]


class ExerciseForm(forms.Form):
    """A practice or qualification task."""

    project = forms.ModelChoiceField(queryset=Project.objects.none(), empty_label=None)
    kind = forms.ChoiceField(
        choices=[
            ("practice", "Practice: feedback at once"),
            ("qualification", "Qualification: a lead grades it, and it opens the field"),
        ]
    )
    domain = forms.ModelChoiceField(
        queryset=Domain.objects.filter(merged_into=None),
        required=False,
        label="Field",
        empty_label="(any)",
    )
    title = forms.CharField(max_length=160)
    prompt = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 6}), help_text="What is asked (Markdown)."
    )
    model_answer = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="What a good answer looks like (Markdown).",
    )
    rubric = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One criterion a line: points | what is wanted | why it matters.",
    )
    pass_points = forms.IntegerField(min_value=0, initial=0, required=False, label="Points to pass")

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = led_by(actor)  # type: ignore[attr-defined]
        self.fields["domain"].label_from_instance = lambda one: one.path  # type: ignore[attr-defined]

    def clean_rubric(self) -> list[dict[str, Any]]:
        rubric: list[dict[str, Any]] = []
        for number, line in enumerate(self.cleaned_data["rubric"].splitlines(), start=1):
            if not line.strip():
                continue
            points, _, rest = line.partition("|")
            label, _, explanation = rest.partition("|")
            if not points.strip().isdigit() or not label.strip():
                raise forms.ValidationError(
                    f"Line {number}: write it as “3 | names the dose | a wrong dose harms”."
                )
            rubric.append(
                {
                    "id": f"c{len(rubric) + 1}",
                    "points": int(points),
                    "label": label.strip(),
                    "explanation": explanation.strip(),
                }
            )
        return rubric
