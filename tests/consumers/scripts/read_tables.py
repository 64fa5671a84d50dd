"""polars and DuckDB: every Parquet file row for row; the texts of `default`, the JSON values of `objects`."""

import json

import duckdb
import polars
from common import RELEASE, records, tell, text

read = {}
for name in ("data", "objects"):
    for split in ("train", "validation", "test"):
        wanted = records(split)
        files = str(RELEASE / name / f"{split}-*.parquet")
        frame = polars.read_parquet(files)
        asked = duckdb.sql(f"SELECT record_id, messages FROM '{files}'").fetchall()
        assert list(frame["record_id"]) == [r["record_id"] for r in wanted]
        assert [str(row[0]) for row in asked] == [r["record_id"] for r in wanted]
        for by_polars, (_, by_duckdb), record in zip(
            frame["messages"].to_list(), asked, wanted, strict=True
        ):
            for messages in (by_polars, by_duckdb):
                turns = [json.loads(m) if isinstance(m, str) else m for m in messages]
                shown = [(m["role"], m["content"]) for m in turns]
                assert shown == [(m["role"], text(m)) for m in record["messages"]]
        read[f"{name}/{split}"] = len(wanted)
tell(polars=polars.__version__, duckdb=duckdb.__version__, rows=read)
