"""From one predicate that gives a reason, both readings: `may(...)` for pages, `require(...)` for services."""

from collections.abc import Callable
from typing import Generic, ParamSpec

from lib.errors import NotAllowed

Params = ParamSpec("Params")


class Rule(Generic[Params]):
    """A predicate that returns None when allowed, else the reason in plain words."""

    def __init__(self, why_not: Callable[Params, str | None]) -> None:
        self.why_not = why_not
        self.__doc__ = why_not.__doc__

    def may(self, *args: Params.args, **kwargs: Params.kwargs) -> bool:
        """Whether it is allowed."""
        return self.why_not(*args, **kwargs) is None

    def require(self, *args: Params.args, **kwargs: Params.kwargs) -> None:
        """Raise NotAllowed with the reason unless it is allowed."""
        reason = self.why_not(*args, **kwargs)
        if reason is not None:
            raise NotAllowed(reason)


def rule(why_not: Callable[Params, str | None]) -> Rule[Params]:
    """Turn `why_not(...) -> reason or None` into a Rule."""
    return Rule(why_not)
