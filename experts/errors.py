"""Refusals about people, by name."""

from lib.errors import Conflict, Invalid, NotAllowed, NotFound


class NoSuchProject(NotFound):
    """The slug names no project."""

    code = "no_such_project"


class ProjectArchived(Conflict):
    """An archived project takes no new work."""

    code = "project_archived"
    message = "This project is archived: nothing new begins in it."
    advice = "What is in hand can still be handed in. A lead can take the project back on its page."


class NoSuchDomain(NotFound):
    """The path names no domain."""

    code = "no_such_domain"


class NoSuchToken(NotFound):
    """The token is not there, or not this person's."""

    code = "no_such_token"
    message = "This token has ended already."


class TooManyTokens(Conflict):
    """A person has as many tokens as they may have."""

    code = "too_many_tokens"
    message = "You have ten tokens that have not ended."
    advice = "End one that no program uses any more, then make the new one."


class PasswordRefused(Invalid):
    """The password is too easy to guess."""

    code = "password_refused"
    message = "This password is too easy to guess."


class CredentialRefused(Invalid):
    """Something about a credential does not hold."""

    code = "credential_refused"


class NumberOfAnother(Conflict):
    """The licence number is on record for somebody else."""

    code = "number_of_another"
    message = "This number is on record for another person."
    advice = (
        "Check it digit by digit. If it is yours, write to a lead: they can look at both documents."
    )


class EvidenceRefused(Invalid):
    """The file cannot be taken as evidence."""

    code = "evidence_refused"


class OwnCredential(NotAllowed):
    """Nobody verifies themselves."""

    code = "own_credential"
    message = "You cannot decide about your own credential."
    advice = "Ask another lead."


class SecondPersonNeeded(NotAllowed):
    """The two-person rule."""

    code = "second_person_needed"
    message = "You have checked this credential already; a second person has to confirm it."


class InvitationOver(NotFound):
    """An invitation that was used, withdrawn, has run out, or never was."""

    code = "invitation_over"
    http_status = 410
    message = "This invitation is no longer open."
    advice = "Ask the person who invited you for a new one."


class InvitationForAnother(NotAllowed):
    """The invitation is bound to another address."""

    code = "invitation_for_another"


class AgreementsOpen(NotAllowed):
    """Agreements wait to be read and accepted before work starts."""

    code = "agreements_open"
    message = "Before your first task, please read and accept the agreements."
    advice = "They are on the page “Agreements”; it takes two minutes."


class LastLead(Conflict):
    """A project keeps at least one lead."""

    code = "last_lead"
    message = "This is the only lead of the project."
    advice = "Give the role to somebody else first."


class DomainInUse(Conflict):
    """A move in the tree that would break it."""

    code = "domain_in_use"


class ImportRefused(Invalid):
    """A file of domains that cannot be read."""

    code = "import_refused"


class AlreadyDone(Conflict):
    """Somebody has decided this already."""

    code = "already_done"
    message = "This has already been decided."
    advice = "Reload the page to see how."
