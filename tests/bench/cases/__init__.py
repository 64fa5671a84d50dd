"""Every case, in the order of the table. A case takes a size and yields rows."""

from tests.bench.cases import (
    api,
    building,
    checking,
    claims,
    editor,
    importing,
    million,
    reviewing,
    writing,
)

CASES = {
    ("claim.write", "claim.review"): claims.rows,
    ("autosave", "submit"): writing.rows,
    ("autosave.http", "autosave.person", "log.replay", "keystroke"): editor.rows,
    ("page.paint", "page.editor"): editor.paint,
    (
        "review.queue",
        "review.page",
        "review.verdict",
        "review.verdict_next",
        "review.agreement",
    ): reviewing.rows,
    ("checks.pass",): checking.passes,
    ("neardup.lookup", "neardup.index"): checking.look_ups,
    ("contamination.lookup", "contamination.index"): checking.contamination,
    ("checks.measured", "measured"): checking.measured,
    ("import.checked",): checking.checked_import,
    ("import", "import.bare"): importing.rows,
    ("api.list",): api.listing,
    ("api.import",): api.importing,
    (
        "release.freeze",
        "release.build",
        "release.bytes",
        "release.next",
        "release.verify",
        "release.download",
        "release.workers",
    ): building.rows,
}

# Run only when asked for by name: they take minutes whatever the size of the others.
ON_REQUEST = {("claim.million",): million.rows}
