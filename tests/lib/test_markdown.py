"""What people wrote is shown whole, and never acts."""

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lib.markdown import (
    ADDRESS,
    ATTRIBUTES,
    LONGEST_LAID_OUT,
    ODD,
    TAGS,
    render_markdown,
    show_odd_characters,
)

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](//evil.example/)",
    "[x](/accounts/logout/)",
    "[x]: javascript:alert(1)\n\n[x]",
    "![x](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    '![x" onerror="alert(1)](y)',
    '[x](https://example.org "title\\" onclick=alert(1)")',
    "<https://example.org/<script>>",
    "<javascript:alert(1)>",
    "```<script>\nx\n```",
    '```python" onclick="alert(1)\nx\n```',
    "`<script>`",
    "$<script>alert(1)</script>$",
    "$$\n</div><script>alert(1)</script>\n$$",
    "[^1]\n\n[^1]: <script>alert(1)</script>",
    '[^"><script>]\n\n[^"><script>]: x',
    "- [x] <script>alert(1)</script>",
    "| <script> |\n|---|\n| <img onerror=x> |",
    "<style>body{display:none}</style>",
    "<iframe src=https://evil.example></iframe>",
    "<!--<img src=--><img src=x onerror=alert(1)//>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "\x00<script\x00>alert(1)</script>",
    "https://example.org/\u202egnp.exe",
    '<p id="main" class="site-header">',
]


class Found(HTMLParser):
    """Every element and attribute a browser would see."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements, self.text = [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def assert_harmless(html):
    for tag, attributes in Found(html).elements:
        assert tag in TAGS, tag
        allowed = ATTRIBUTES.get(tag, set()) | {"rel", "title"}
        assert set(attributes) <= allowed, (tag, attributes)
        href = attributes.get("href", "")
        assert not href or ADDRESS.match(href) or href.startswith("#fn"), href
        assert attributes.get("id", "fn-").startswith(("fn-", "fnref-"))


@pytest.mark.parametrize("attack", ATTACKS)
def test_render_markdown_lets_nothing_act(attack):
    assert_harmless(render_markdown(attack))


@given(st.text(max_size=300))
@example("[a](b)" * 3)
@example("$x$ [^1] ~~a~~ | - [ ]")
def test_render_markdown_of_any_text_is_harmless(text):
    assert_harmless(render_markdown(text))


@given(
    st.lists(
        st.sampled_from([*ATTACKS, "\n", " ", "**", "`", "[", "](", ")", "> ", "- "]), max_size=8
    )
)
def test_render_markdown_of_mixed_attacks_is_harmless(parts):
    assert_harmless(render_markdown("".join(parts)))


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r"), max_size=200))
def test_show_odd_characters_loses_no_visible_character(text):
    shown = "".join(Found(f"<p>{show_odd_characters(text)}</p>").text)
    for character in ODD.sub("", text).replace("\x00", ""):
        assert character in shown


def test_raw_html_is_shown_as_text():
    assert "&lt;b&gt;bold&lt;/b&gt;" in render_markdown("<b>bold</b>")


def test_images_become_words_and_ask_no_server():
    html = render_markdown("![A chart](https://elsewhere.example/x.png)")
    assert "<img" not in html
    assert "Image: A chart (https://elsewhere.example/x.png)" in html


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\u202e", "U+202E"),
        ("\u2066", "U+2066"),
        ("\u200b", "U+200B"),
        ("\u00ad", "U+00AD"),
        ("\x07", "U+0007"),
        ("\U000e0041", "U+E0041"),
    ],
)
def test_hidden_characters_can_be_seen(character, name):
    for shown in (render_markdown(f"a{character}b"), show_odd_characters(f"a{character}b")):
        assert name in shown
        assert character not in shown


def test_nul_can_be_seen_and_breaks_nothing():
    assert "\u2400" in render_markdown("a\x00b")
    assert "U+0000" in show_odd_characters("a\x00b")


def test_joiners_that_scripts_need_stay():
    persian = "می\u200cخواهم"
    assert persian in render_markdown(persian)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a | b\n--|--:\n1 | 2", '<td class="right">2</td>'),
        ("~~gone~~", "<s>gone</s>"),
        ("- [x] done", 'aria-label="done:"'),
        ("see https://example.org now", 'href="https://example.org"'),
        ("write to me@example.org", 'href="mailto:me@example.org"'),
        ("$x^2$", '<span class="math inline">x^2</span>'),
        ("$$\nx^2\n$$", '<div class="math block">'),
        ("costs $5 or $10", "costs $5 or $10"),
        ("```python\nprint()\n```", '<code class="language-python">'),
        ("3. three", '<ol start="3">'),
        ("note[^a]\n\n[^a]: below", 'class="footnote-item"'),
    ],
)
def test_render_markdown_knows(source, expected):
    assert expected in render_markdown(source)


def test_footnotes_of_two_texts_on_one_page_do_not_meet():
    first, second = (render_markdown(f"{word}[^1]\n\n[^1]: note") for word in ("one", "two"))
    ids = [
        attributes["id"]
        for html in (first, second)
        for _, attributes in Found(html).elements
        if "id" in attributes
    ]
    assert len(ids) == len(set(ids)) == 4


@pytest.mark.parametrize("unit", ["http://a.", "[", "![", "*a", "`a", "[a](", "<!--", "|a"])
def test_long_runs_are_shown_whole_or_laid_out(unit):
    text = unit * (30_000 // len(unit))
    assert_harmless(render_markdown(text))


def test_what_nobody_reads_laid_out_is_shown_as_it_is():
    text = "<b> " * (LONGEST_LAID_OUT // 4 + 1)
    html = render_markdown(text)
    assert html.startswith('<pre class="plain-text">&lt;b&gt; ')
