"""The one rendering of Markdown that all pages share.

What people wrote is data: it is shown, it never acts. Raw HTML is shown as the text it is, links keep only
web and mail addresses, images become words with their address, so that opening a page tells no other
server anything, and characters that hide (bidirectional controls, zero widths, control codes) are made
visible, because a reviewer must see what a model will read.

Formulas stay as their source in `.math` elements; static/js/shell/math.js typesets them in the browser.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

# Beyond this many characters a text is shown as it is: no person reads it laid out, and the time stays bounded.
LONGEST_LAID_OUT = 400_000
# Looking for bare addresses takes quadratic time in the length of a run without spaces.
LONGEST_WORD_LINKED = 2_000

# Control codes other than tab and line ends, bidirectional controls, zero widths, and the invisible tag characters.
# The joiners U+200C and U+200D are left alone: Persian, Indic scripts and emoji need them.
ODD = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)

TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "del", "code", "pre", "blockquote", "a", "sup", "span"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "div", "section"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
CLASSES = re.compile(
    r"(left|center|right|math|inline|block|task-list-item|contains-task-list|task|done"
    r"|footnote-ref|footnotes|footnotes-sep|footnotes-list|footnote-item|footnote-backref|image"
    r"|language-[\w+#.-]{1,40})"
)
OWN_ID = re.compile(r"fn(ref)?-[0-9a-f]{8}-[0-9:]+")
ADDRESS = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
ATTRIBUTES = {
    "a": {"href", "class", "id", "target", "aria-label"},
    "ol": {"class", "start"},
    "span": {"class", "role", "aria-label"},
    **{tag: {"class", "id"} for tag in ("li", "sup")},
    **{tag: {"class"} for tag in ("code", "pre", "th", "td", "ul", "div", "section", "hr")},
}


def render_markdown(text: str) -> SafeString:
    """Markdown (CommonMark, tables, strike-through, footnotes, task lists, $formulas$) as clean HTML."""
    text = text.replace("\r\n", "\n").replace("\x00", "\u2400")
    if len(text) > LONGEST_LAID_OUT:
        return mark_safe(f'<pre class="plain-text">{show_odd_characters(text)}</pre>')  # noqa: S308 (escaped)
    document = hashlib.blake2s(text.encode("utf-8", "replace"), digest_size=4).hexdigest()
    linkify = max(map(len, text.split()), default=0) <= LONGEST_WORD_LINKED
    laid_out = _parser(linkify=linkify).render(text, {"docId": document})
    clean = nh3.clean(
        laid_out,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_kept_value,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(ODD.sub(_shown, clean))  # noqa: S308 (sanitised above)


def show_odd_characters(text: str) -> SafeString:
    """The text itself, escaped, with each hidden character replaced by its visible code."""
    return mark_safe(ODD.sub(_shown, escape(text)))  # noqa: S308 (escaped first)


def _shown(match: re.Match[str]) -> str:
    character = match.group()
    name = unicodedata.name(character, "control character").lower()
    return f'<span class="odd-character" title="{name}">U+{ord(character):04X}</span>'


def _kept_value(tag: str, attribute: str, value: str) -> str | None:
    """An attribute's value as it may stay, or None to drop it."""
    if attribute == "class":
        return " ".join(name for name in value.split() if CLASSES.fullmatch(name)) or None
    if attribute == "id":
        return value if OWN_ID.fullmatch(value) else None
    if attribute == "href":
        wanted = ADDRESS.match(value) or OWN_ID.fullmatch(value.removeprefix("#"))
        return ODD.sub("", value) if wanted else None
    return ODD.sub("", value)


@cache
def _parser(*, linkify: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": linkify})
    parser.enable(["table", "strikethrough", "linkify"])
    parser.use(footnote_plugin).use(tasklists_plugin)
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("html_inline", _task_mark)
    parser.add_render_rule("link_open", _link_open)
    for cell in ("th_open", "td_open"):
        parser.add_render_rule(cell, _cell_open)
    return parser


def _image(
    self: RendererHTML, tokens: Sequence[Token], position: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[position]
    words = self.renderInlineAsText(token.children, options, env) if token.children else ""
    return (
        f'<span class="image">Image: {escape(words)} ({escape(token.attrGet("src") or "")})</span>'
    )


def _task_mark(self: RendererHTML, tokens: Sequence[Token], position: int, *_: Any) -> str:
    """The box of a task list. Raw HTML is off, so no other token comes here."""
    if 'checked="checked"' in tokens[position].content:
        return '<span class="task done" role="img" aria-label="done:">☑</span>'
    return '<span class="task" role="img" aria-label="to do:">☐</span>'


def _link_open(
    self: RendererHTML, tokens: Sequence[Token], position: int, options: OptionsDict, env: EnvType
) -> str:
    tokens[position].attrSet("target", "_blank")
    return self.renderToken(tokens, position, options, env)


def _cell_open(
    self: RendererHTML, tokens: Sequence[Token], position: int, options: OptionsDict, env: EnvType
) -> str:
    """Alignment as a class: the content policy allows no inline styles."""
    style = str(tokens[position].attrs.pop("style", ""))
    if style:
        tokens[position].attrJoin("class", style.removeprefix("text-align:").strip())
    return self.renderToken(tokens, position, options, env)
