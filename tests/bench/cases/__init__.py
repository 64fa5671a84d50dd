"""Every case, in the order of the table. A case takes a size and yields rows."""

from tests.bench.cases import building, claims, importing, reviewing, writing

CASES = {
    ("claim.write", "claim.review"): claims.rows,
    ("autosave", "submit"): writing.rows,
    ("review.queue", "review.page", "review.verdict", "review.agreement"): reviewing.rows,
    ("import",): importing.rows,
    ("release.freeze", "release.build"): building.rows,
}
