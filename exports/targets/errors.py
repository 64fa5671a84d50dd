"""Refusals of targets."""

from lib.errors import Conflict, Invalid


class BadDestination(Invalid):
    """The destination is not one this kind of target knows."""

    code = "bad_destination"


class DeliveryFailed(Conflict):
    """The store did not take the release."""

    code = "delivery_failed"
    message = "The release could not be sent."
    advice = "Send it again: what arrived is not sent twice."
