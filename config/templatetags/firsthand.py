"""`{% load firsthand %}`: the few tags and filters that every page of ours shares."""

from datetime import UTC, date, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import dateformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lib.markdown import render_markdown, show_odd_characters

register = template.Library()


@register.filter
def markdown(text: str | None) -> SafeString:
    """`{{ text|markdown }}`: Markdown as clean HTML, inside an element with class `prose`."""
    return render_markdown(text or "")


@register.filter
def plain(text: str | None) -> SafeString:
    """`{{ text|plain }}`: escaped text in which invisible characters can be seen."""
    return show_odd_characters(text or "")


@register.filter
def shortened(text: str | None, most: int) -> str:
    """`{{ title|shortened:90 }}`: at most that many characters, cut between words where the writing has any."""
    text = text or ""
    if len(text) <= most:
        return text
    whole, space, _ = text[:most].rpartition(" ")
    kept = whole if space and len(whole) > most // 2 else text[: most - 1]
    return f"{kept.rstrip(' .,;:…')}…"


@register.simple_tag(takes_context=True)
def bundle(context: dict[str, Any], name: str) -> SafeString:
    """`{% bundle "editor" %}` in `{% block scripts %}`: the built static/js/<name> of this page."""
    return format_html(
        '<script type="module" src="{}" nonce="{}"></script>',
        static(f"{name}.js"),
        context.get("CSP_NONCE", ""),
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "check" %}`: a decorative picture from static/icons/icons.svg, silent to screen readers."""
    address = static("icons.svg")
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        address,
        name,
    )


@register.simple_tag
def when(moment: datetime | date | str | None, shape: str = "datetime") -> SafeString | str:
    """`{% when task.due_at %}`: a time in UTC for people and machines; scripts show it in the reader's zone.

    `shape` is `datetime`, `date` or `time`. Nothing for None; a text is read as ISO 8601, as records hold it.
    """
    if moment is None:
        return ""
    if isinstance(moment, str):
        day_alone = len(moment) == len("2026-01-31")
        moment = (date if day_alone else datetime).fromisoformat(moment)
    if not isinstance(moment, datetime):
        return format_html(
            '<time datetime="{}" data-local="day">{}</time>',
            moment.isoformat(),
            dateformat.format(moment, "j M Y"),
        )
    utc = moment.astimezone(UTC)
    words = {"date": "j M Y", "time": "H:i T"}.get(shape, "j M Y, H:i T")
    return format_html(
        '<time datetime="{}" data-local="{}">{}</time>',
        utc.isoformat(timespec="seconds"),
        shape,
        dateformat.format(utc, words),
    )


@register.simple_tag
def along(value: float, top: float, start: float = 0) -> str:
    """`{% along value top %}`: how far from `start` to `value` is on a scale of 0 to `top`, in percent."""
    if not top:
        return "0"
    return f"{min(max((value - start) / top, 0), 1) * 100:.1f}"
