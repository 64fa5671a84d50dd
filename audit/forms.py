"""What to look for in the audit trail."""

from django import forms

from audit.queries import Wanted


class SearchForm(forms.Form):
    """Narrows the trail; every field may stay empty."""

    verb = forms.CharField(label="What begins with", required=False, max_length=80)
    person = forms.CharField(label="Who (part of the e-mail)", required=False, max_length=120)
    target = forms.CharField(label="What it happened to", required=False, max_length=130)
    since = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def wanted(self) -> Wanted:
        """The search of a valid form; of an invalid one the parts that hold."""
        self.is_valid()
        return Wanted(**{name: value for name, value in self.cleaned_data.items() if value})
