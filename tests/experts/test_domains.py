"""The tree: grown, renamed, moved, merged; what names a field goes on working."""

import pytest
from django.db import IntegrityError, connection, transaction

from annotation.services.claim import take_next
from experts.errors import DomainInUse, ImportRefused
from experts.models import Domain
from experts.queries import domain_at, open_domains, valid_credential
from experts.services.domains import (
    add_domain,
    import_domains,
    merge_domain,
    move_domain,
    rename_domain,
)
from experts.taxonomy import rows_of
from tests.factories.annotation import InstructionFactory, TaskFactory
from tests.factories.experts import CredentialFactory, UserFactory


def paths():
    return list(Domain.objects.order_by("path").values_list("path", flat=True))


@pytest.fixture
def tree(db):
    import_domains(
        rows=[
            {"path": "medicine.cardiology.rhythm"},
            {"path": "medicine.heart", "name": "Heart"},
            {"path": "law"},
        ]
    )
    return {one.path: one for one in Domain.objects.all()}


def test_import_adds_what_is_missing_with_its_ancestors(tree):
    assert paths() == [
        "law",
        "medicine",
        "medicine.cardiology",
        "medicine.cardiology.rhythm",
        "medicine.heart",
    ]
    assert tree["medicine.heart"].name == "Heart"
    assert tree["medicine.cardiology"].name == "Cardiology"
    assert import_domains(rows=[{"path": "law"}, {"path": "law.tax"}]) == (1, 1)


@pytest.mark.parametrize("path", ["", "no spaces", "a..b", "x" * 500, "<b>"])
def test_import_refuses_what_is_no_path_and_adds_nothing(db, path):
    with pytest.raises(ImportRefused, match="Row 2"):
        import_domains(rows=[{"path": "law"}, {"path": path}])
    assert paths() == []


def test_rename_moves_the_branch_and_keeps_old_paths(tree):
    rename_domain(domain=tree["medicine.cardiology"], name="Heart and vessels", slug="vessels")
    assert "medicine.vessels.rhythm" in paths()
    assert domain_at("medicine.cardiology.rhythm").path == "medicine.vessels.rhythm"


def test_move_below_itself_is_refused(tree):
    with pytest.raises(DomainInUse):
        move_domain(domain=tree["medicine"], parent=tree["medicine.cardiology"])


def test_merge_keeps_work_and_credentials_going(studio):
    cardiology = add_domain(name="Cardiology", parent=studio.domain)
    heart = add_domain(name="Heart", parent=studio.domain)
    person = CredentialFactory(domains=[heart]).person
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=heart))
    merge_domain(domain=heart, into=cardiology)
    heart.refresh_from_db()
    assert (heart.merged_into, heart.path) == (cardiology, "medicine.cardiology.heart")
    assert domain_at("medicine.heart") == cardiology
    assert valid_credential(person, cardiology)
    task.refresh_from_db()
    assert task.domain == heart
    assert take_next(person=studio.writer).task == task
    newcomer = CredentialFactory(person=UserFactory(), domains=[cardiology]).person
    assert heart in open_domains(newcomer)


def test_merge_moves_children_and_finds_free_names(tree):
    merge_domain(domain=tree["medicine.cardiology"], into=tree["law"])
    assert {"law.cardiology", "law.rhythm"} <= set(paths())


def test_merge_into_what_lies_below_is_refused(tree):
    with pytest.raises(DomainInUse):
        merge_domain(domain=tree["medicine"], into=tree["medicine.heart"])


def test_path_that_does_not_follow_its_parent_is_refused_at_commit(tree):
    with pytest.raises(IntegrityError), transaction.atomic():
        Domain.objects.filter(path="law").update(path="justice")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", b"path,name\nlaw,Law\nlaw.tax,Tax\n", ["law", "law.tax"]),
        ("a.csv", "field,parent\nÉtude,Law\n".encode(), ["law.etude"]),
        ("a.json", b'{"Law": {"Tax law": {}}}', ["law", "law.tax-law"]),
        ("a.json", b'[{"path": "law"}]', ["law"]),
    ],
)
def test_files_of_trees(name, content, expected):
    assert [row["path"] for row in rows_of(content, name)] == expected


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"colour\nred\n"),
        ("a.csv", b""),
        ("a.json", b"{"),
        ("a.json", b'"x"'),
        ("a.csv", b"\xff\xfe\x00"),
    ],
)
def test_files_that_are_no_trees(name, content):
    with pytest.raises(ImportRefused):
        rows_of(content, name)
