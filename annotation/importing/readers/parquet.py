"""Parquet: read in small batches, whatever the size of the file."""

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from annotation.importing.rows import FileRefused, Row

_BATCH = 500
_LARGEST_GROUP = 2 << 30


def rows(stream: BinaryIO) -> Iterator[Row]:
    """All rows, numbered from 1. Raises FileRefused for what is damaged or would not fit into memory."""
    number = 0
    try:
        file = pq.ParquetFile(stream)
        _require_sane(file)
        for batch in file.iter_batches(batch_size=_BATCH):
            for values in batch.to_pylist():
                number += 1
                yield Row(number, values)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as broken:
        raise FileRefused(
            f"This Parquet file is damaged after row {number}.",
            advice="Write it again and upload it again.",
        ) from broken


def _require_sane(file: pq.ParquetFile) -> None:
    groups = (
        file.metadata.row_group(place).total_byte_size
        for place in range(file.metadata.num_row_groups)
    )
    if any(size > _LARGEST_GROUP for size in groups):
        raise FileRefused(
            "One row group of this file unpacks to more than 2 GB.",
            advice="Write it with smaller row groups.",
        )
