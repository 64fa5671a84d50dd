"""One reader for each kind of file, behind one function."""

import tempfile
from collections.abc import Iterator

from annotation.importing import opening
from annotation.importing.opening import Opened
from annotation.importing.readers import delimited, json_file, lines, parquet, workbook
from annotation.importing.rows import Refusal, Row

__all__ = ["rows_of"]

_IN_MEMORY = 8 << 20


def rows_of(file: Opened, *, sheet: str = "") -> Iterator[Row | Refusal]:
    """The rows of an opened file in order, and in their places what could not be read."""
    match file.kind:
        case opening.LINES:
            yield from lines.rows(file.utf8())
        case opening.JSON:
            yield from json_file.rows(file.utf8())
        case opening.CSV | opening.TSV:
            yield from delimited.rows(file.text(), tabs=file.kind == opening.TSV)
        case opening.XLSX | opening.PARQUET:
            # Both are read from their end, which a stream cannot do: a copy waits on disk.
            with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
                whole = workbook.seekable(file.stream, spool)  # type: ignore[arg-type]
                reader = (
                    workbook.rows(whole, sheet=sheet)
                    if file.kind == opening.XLSX
                    else parquet.rows(whole)
                )
                yield from reader
