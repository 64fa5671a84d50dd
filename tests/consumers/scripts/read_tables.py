"""pandas, polars, DuckDB, DataFusion: every Parquet file row for row, folders whole, and CSV as pandas reads it.

The texts of `default` and the JSON values of `objects` are compared with the canonical records.
"""

import csv
import json

import datafusion
import duckdb
import pandas
import polars
import pyarrow.dataset
from common import RELEASE, records, tell, text

SPLITS = ("train", "validation", "test")


def told(record):
    return [(m["role"], text(m)) for m in record["messages"]]


def shown(messages):
    turns = [json.loads(m) if isinstance(m, str) else m for m in messages]
    return [(m["role"], m["content"]) for m in turns]


read = {}
for name in ("data", "objects"):
    for split in SPLITS:
        wanted = records(split)
        files = str(RELEASE / name / f"{split}-*.parquet")
        frame = polars.read_parquet(files)
        asked = duckdb.sql(f"SELECT record_id, messages FROM '{files}'").fetchall()
        assert list(frame["record_id"]) == [r["record_id"] for r in wanted]
        assert [str(row[0]) for row in asked] == [r["record_id"] for r in wanted]
        for by_polars, (_, by_duckdb), record in zip(
            frame["messages"].to_list(), asked, wanted, strict=True
        ):
            assert shown(by_polars) == shown(by_duckdb) == told(record)
        read[f"{name}/{split}"] = len(wanted)

    # A folder whole, as people who know no splits read it.
    everything = {r["record_id"]: told(r) for split in SPLITS for r in records(split)}
    folder = RELEASE / name
    context = datafusion.SessionContext()
    context.register_parquet("rows", str(folder))
    by_pandas = pandas.read_parquet(folder)
    for ids, messages in (
        (by_pandas["record_id"], by_pandas["messages"]),
        pyarrow.dataset.dataset(folder)
        .to_table(columns=["record_id", "messages"])
        .to_pydict()
        .values(),
        context.sql("SELECT record_id, messages FROM rows").to_pydict().values(),
    ):
        assert {i: shown(m) for i, m in zip(ids, messages, strict=True)} == everything
    read[f"{name} whole"] = len(everything)

path = RELEASE / "formats/csv/train.csv"
with path.open(newline="", encoding="utf-8") as source:
    # As it comes: no cell is longer than this reader takes.
    written = list(csv.DictReader(source))
table = pandas.read_csv(path)
assert list(table["response"]) == [row["response"] for row in written]
assert list(table["prompt"]) == [row["prompt"] for row in written]
read["csv"] = len(written)
tell(polars=polars.__version__, duckdb=duckdb.__version__, pandas=pandas.__version__,
     datafusion=datafusion.__version__, rows=read)  # fmt: skip
