"""`{% load words %}`: where the words somebody looked for stand in a text. Every piece is escaped by itself."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from annotation.finding import texts_of_instruction, texts_of_revision
from annotation.models import Instruction, Revision
from lib.markdown import show_odd_characters
from lib.words import asked_in, excerpt_among, pieces_of, places_of

register = template.Library()


@register.simple_tag
def marked(text: str | None, words: str | None) -> SafeString:
    """`{% marked title asked.words %}`: the text as plain text, each word that was looked for in `<mark>`."""
    pieces = pieces_of(text or "", asked_in(words or ""))
    return format_html_join(
        "",
        "{}",
        (
            (
                format_html("<mark>{}</mark>", show_odd_characters(piece))
                if hit
                else show_odd_characters(piece),
            )
            for piece, hit in pieces
        ),
    )


@register.simple_tag
def met_in_instruction(
    instruction: Instruction, words: str | None, shown: str = ""
) -> SafeString | str:
    """`{% met_in_instruction row.instruction asked.words title %}`: the surroundings of the first word that is met,
    marked; nothing where `shown` has one already."""
    return _met(texts_of_instruction(instruction), words, shown)


@register.simple_tag
def met_in_response(revision: Revision | None, words: str | None) -> SafeString | str:
    """`{% met_in_response row.current_revision asked.words %}`: the same for a response."""
    return _met(texts_of_revision(revision), words) if revision else ""


def _met(texts: Iterable[str], words: str | None, shown: str = "") -> SafeString | str:
    asked = asked_in(words or "")
    if not asked or places_of(asked, shown):
        return ""
    return marked(excerpt_among(texts, asked), words)
