"""Everything that is stored is in the copy of a person's data, or left out of it for a reason."""

import pytest
from django.apps import apps

from experts.services.rights import data_of
from tests.factories.experts import UserFactory

# Model → the list of the copy in which what it holds of a person stands.
IN_THE_COPY = {
    "annotation.Assignment": "assignments",
    "annotation.Finding": "findings",
    "annotation.LogBatch": "writing_log",
    "annotation.Question": "questions",
    "annotation.Revision": "submitted",
    "annotation.Task": "assignments",
    "audit.Event": "events",
    "corpus.Hit": "decisions_about_likenesses",
    "corpus.Pair": "decisions_about_likenesses",
    "experts.Acceptance": "agreements",
    "experts.Appeal": "measures",
    "experts.Attempt": "exercises",
    "experts.Credential": "credentials",
    "experts.ErasureRequest": "erasure_requests",
    "experts.Invitation": "invitations",
    "experts.Measure": "measures",
    "experts.Membership": "roles",
    "experts.Notification": "notifications",
    "experts.NotificationChoice": "notification_choices",
    "experts.ProgramToken": "tokens",
    "experts.User": "person",
    "exports.Delivery": "deliveries",
    "exports.Download": "downloads",
    "exports.PairConsent": "words_on_pairs",
    "exports.Record": "records",
    "exports.Withdrawal": "withdrawals",
    "review.Appeal": "appeals",
    "review.CalibrationQuestion": "questions",
    "review.CalibrationResult": "reviews",
    "review.CalibrationSitting": "reviews_under_way",
    "review.Comment": "comments",
    "review.KeptWords": "review_drafts_kept",
    "review.Repair": "repairs",
    "review.Review": "reviews",
    "review.SavedView": "saved_views",
    "review.Seat": "reviews_under_way",
}

_OF_THE_PROJECT = "belongs to the project; who made it stands among the events"
_A_FILE = "the rows of a file that was brought in; the event names the file and who sent it"
_MADE_BY_MACHINE = "worked out from texts that the copy holds"
_OF_NOBODY = "says nothing of a person"
LEFT_OUT = {
    "annotation.ImportRefusal": _A_FILE,
    "annotation.ImportRun": _A_FILE,
    "annotation.Instruction": _OF_THE_PROJECT,
    "annotation.InstructionWords": _MADE_BY_MACHINE,
    "annotation.ProjectVersion": _OF_THE_PROJECT,
    "annotation.RevisionWords": _MADE_BY_MACHINE,
    "corpus.Band": _MADE_BY_MACHINE,
    "corpus.CheckRun": _OF_THE_PROJECT,
    "corpus.Fingerprint": _MADE_BY_MACHINE,
    "corpus.Look": _OF_NOBODY,
    "corpus.ProtectedGram": _OF_NOBODY,
    "corpus.ProtectedItem": _OF_NOBODY,
    "corpus.ProtectedSet": _OF_THE_PROJECT,
    "corpus.Run": _MADE_BY_MACHINE,
    "experts.Agreement": "a text of the installation; what was accepted stands among the agreements",
    "experts.Domain": _OF_NOBODY,
    "experts.DomainAlias": _OF_NOBODY,
    "experts.Exercise": _OF_THE_PROJECT,
    "experts.Project": _OF_NOBODY,
    "experts.Rate": _OF_THE_PROJECT,
    "exports.Alternative": "an earlier revision of theirs, frozen: it stands among what was submitted",
    "exports.Dataset": _OF_THE_PROJECT,
    "exports.Place": _OF_NOBODY,
    "exports.Release": _OF_THE_PROJECT,
    "exports.ReleaseFile": _OF_NOBODY,
    "exports.Pin": _OF_NOBODY,
    "exports.ReleaseShard": _OF_NOBODY,
    "exports.Shard": _OF_NOBODY,
    "exports.Spelling": _OF_NOBODY,
    "exports.Tokenizer": _OF_THE_PROJECT,
    "exports.Unfit": _MADE_BY_MACHINE,
    "review.CalibrationItem": _OF_THE_PROJECT,
}
OURS = {"annotation", "audit", "corpus", "experts", "exports", "review"}


def stored():
    labels = {model._meta.label for model in apps.get_models() if model._meta.app_label in OURS}
    return {label for label in labels if not apps.get_model(label)._meta.auto_created}


def test_every_model_is_in_the_copy_or_left_out_for_a_reason():
    assert stored() == set(IN_THE_COPY) | set(LEFT_OUT)
    assert not set(IN_THE_COPY) & set(LEFT_OUT)


@pytest.mark.django_db
def test_the_copy_has_the_lists_that_are_named_here():
    names = [name for name, _ in data_of(UserFactory())]
    assert len(names) == len(set(names))
    assert set(IN_THE_COPY.values()) <= set(names)
