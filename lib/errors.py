"""Refusals by name: each says in plain words what is wrong and what to do, and carries its HTTP status."""

from typing import Any


class DomainError(Exception):
    """A refusal the person can act on. Subclasses name the refusal.

    `message` says what happened, `advice` what to do now, `kept_text` is what the person typed and
    must get back, `data` machine-readable facts for the API.
    """

    code = "refused"
    http_status = 400
    message = "This is not possible right now."
    advice = ""

    def __init__(
        self, message: str = "", *, advice: str = "", kept_text: str = "", **data: Any
    ) -> None:
        self.message = message or self.message
        self.advice = advice or self.advice
        self.kept_text = kept_text
        self.data = data
        super().__init__(self.message)

    def as_dict(self) -> dict[str, Any]:
        """The refusal as the API answers it."""
        return {"code": self.code, "message": self.message, "advice": self.advice, **self.data}


class Invalid(DomainError):
    """What was sent does not hold; says which part."""

    code = "invalid"
    http_status = 422
    message = "Something in what you sent is not right."


class NotSignedIn(DomainError):
    """Nobody knows who asks."""

    code = "not_signed_in"
    http_status = 401
    message = "You are not signed in."
    advice = "Send a token that has not ended: Authorization: Token …"


class NotAllowed(DomainError):
    """The person may not do this."""

    code = "not_allowed"
    http_status = 403
    message = "You may not do this."


class NotFound(DomainError):
    """There is no such thing, or this person may not know of it."""

    code = "not_found"
    http_status = 404
    message = "There is nothing here."


class Conflict(DomainError):
    """The state of things does not allow it (any more)."""

    code = "conflict"
    http_status = 409
    message = "This has changed in the meantime."


class IllegalMove(Conflict):
    """The state machine has no such move from here."""

    code = "illegal_move"


class Stale(Conflict):
    """What was sent was made on an older version."""

    code = "stale"
    message = "This page is older than what is stored now."
    advice = "Your text is kept below. Reload the page and go on from there."
