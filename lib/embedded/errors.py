"""What can go wrong with a server that we start ourselves, in one sentence for the person at the terminal."""


class ServiceError(Exception):
    """A server could not be found, started or reached; the message says what to do about it."""
