"""Fields of expertise are ticked in a folded tree."""

import pytest
from django.http import QueryDict

from experts.forms.people import CredentialForm
from tests.factories.experts import DomainFactory


@pytest.fixture
def fields(db):
    medicine = DomainFactory(slug="heart", name="Heart medicine")
    return medicine, DomainFactory(slug="rhythm", name="Rhythm", parent=medicine)


def test_a_broad_field_folds_its_narrower_ones(fields):
    page = str(CredentialForm()["domains"])
    assert page.count("<details>") == 1
    assert "<summary>Heart medicine</summary>" in page
    assert "All of Heart medicine" in page


def test_what_was_ticked_stays_ticked_and_in_sight(fields):
    sent = QueryDict(f"domains={fields[1].pk}")
    page = str(CredentialForm(sent)["domains"])
    assert "<details open>" in page
    assert f'value="{fields[1].pk}" id="id_domains_1" checked' in page
