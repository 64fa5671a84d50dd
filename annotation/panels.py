"""Places on the writing pages that parts above fill: imports go down only, so they register themselves."""

from collections.abc import Callable

from django.http import HttpRequest

Render = Callable[[HttpRequest, int], str]
_panels: dict[str, Render] = {}


def offer(place: str, render: Render) -> None:
    """Have `render(request, task_id)`, which returns safe HTML, fill a place of the writing pages."""
    _panels[place] = render


def panel(place: str, request: HttpRequest, task_id: int) -> str:
    """The HTML for that place; nothing when nobody fills it."""
    render = _panels.get(place)
    return render(request, task_id) if render else ""
