"""Hugging Face datasets: every configuration it can read, text byte for byte."""

import datasets
from common import RELEASE, records, tell, text

version = tuple(map(int, datasets.__version__.split(".")[:2]))
checked = {}
for name in ["default", "objects"] if version >= (4, 7) else ["default"]:
    loaded = datasets.load_dataset(str(RELEASE), name)
    for split in loaded:
        wanted = records(split)
        assert len(loaded[split]) == len(wanted), (name, split)
        for row, record in zip(loaded[split], wanted, strict=True):
            assert row["record_id"] == record["record_id"]
            shown = [(m["role"], m["content"]) for m in row["messages"]]
            assert shown == [(m["role"], text(m)) for m in record["messages"]], record["record_id"]
            calls = [c for m in record["messages"] for c in m.get("tool_calls", [])]
            if name == "objects":
                made = [c for m in row["messages"] for c in m.get("tool_calls") or []]
                assert [c["function"]["arguments"] for c in made] == [c["arguments"] for c in calls]
        streamed = datasets.load_dataset(str(RELEASE), name, split=split, streaming=True)
        assert [row["record_id"] for row in streamed] == [r["record_id"] for r in wanted]
        checked[f"{name}/{split}"] = len(wanted)
trl = "not read: it needs the Json type of datasets 4.7"
if version >= (4, 7):
    trl = len(datasets.load_dataset(str(RELEASE / "formats/trl"), chunksize=2000)["train"])
late = {}
for slug, name in (("llamafactory", "train.jsonl"), ("sharegpt", "train.jsonl"), ("alpaca", "train.json"),
                   ("torchtune", "train.jsonl")):  # fmt: skip
    path = RELEASE / "formats" / slug / name
    rows = datasets.load_dataset("json", data_files=str(path), split="train", chunksize=2000)
    late[slug] = len(rows)
tell(datasets=datasets.__version__, checked=checked, trl_rows=trl, read_in_pieces=late)
