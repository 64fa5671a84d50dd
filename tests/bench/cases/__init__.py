"""Every case, in the order of the table. A case takes a size and yields rows."""

from tests.bench.cases import building, importing, writing

CASES = {
    ("claim.write", "autosave", "submit"): writing.rows,
    ("import",): importing.rows,
    ("release.freeze", "release.build"): building.rows,
}
