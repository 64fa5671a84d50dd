"""The line under the box counts words in the browser as the length check counts them on the server."""

from pathlib import Path

from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as drawing
from hypothesis import strategies as st

from checks.text import count_words

SCRIPT = Path(settings.BASE_DIR) / "static" / "js" / "editor" / "words.js"
PIECES = [
    "dose", "don't", "it\u2019s", "500", "3.5", "mg/kg", "and/or", "a@b.org", "x_y", "-", "--", "\u2026", "\n",
    "\u65e5\u672c\u8a9e", "\u4e2d\u6587", "\u0e01\u0e34\u0e19\u0e22\u0e32", "\u0ead\u0eb2\u0eab\u0eb2\u0e99",
    "\u0434\u043e\u0437\u0430", "\u05de\u05e0\u05d4", "e\u0301", "\U0001f600", "**bold**", "`code`", "(1)",
]  # fmt: skip


def test_browser_and_check_count_the_same_words(chromium):
    page = chromium.new_page()
    source = SCRIPT.read_text(encoding="utf-8").replace("export function", "function")
    count = f"(text) => {{ {source}\nreturn countWords(text); }}"

    @drawing(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from(["", " ", "\n"]))
    def same(pieces, between):
        text = between.join(pieces)
        assert page.evaluate(count, text) == count_words(text), text

    same()
    page.close()
