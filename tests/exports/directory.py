"""A release directory over any records, by the builder's own parts, without a database."""

from collections import defaultdict
from dataclasses import asdict
from types import SimpleNamespace

from exports import assembly, signing, store
from exports.assembly import BuiltShard
from exports.papers.facts import Facts
from exports.parquet import Shape
from exports.services.finish import manifest, papers
from exports.shards import ShardWriter


def write_release(records, target, key, *, split="train"):
    """Write `records` ({split: [data]} or a list for one split) as a signed release below `target`."""
    by_split = records if isinstance(records, dict) else {split: records}
    shape = shape_of([data for each in by_split.values() for data in each])
    shards = [built(name, each, shape) for name, each in by_split.items()]
    told = snapshot(by_split, shape)
    files = [*assembly.data_files(shards, shape), *assembly.format_files(shards, "demo")]
    report = assembly.report(shards)
    files += papers(Facts(told, tuple(file.fact for file in files), report), report)
    content = manifest(SimpleNamespace(snapshot=told), [file.fact for file in files])
    files += [
        assembly.small("manifest.json", content),
        assembly.small("manifest.sig", signing.signature_file(content, key)),
    ]
    for file in files:
        place = target / file.fact.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"".join(store.read(file.chunks)))
    return target


def shape_of(records):
    messages = [message for data in records for message in data["messages"]]
    return Shape(
        tools=any(m.get("tool_calls") for m in messages) or any(data["tools"] for data in records),
        masks=any(
            m["role"] == "assistant" and (not m["train"] or m["weight"] != 1 or "spans" in m)
            for m in messages
        ),
        reasoning=any(m.get("reasoning_publishable") for m in messages),
        attachments=any(data["attachments"] for data in records),
    )


def built(split, records, shape):
    with store.workspace() as folder:
        writer = ShardWriter(folder, shape)
        for data in records:
            writer.add(data)
        writer.close()
        parts = {role: asdict(part) for role, part in writer.parts().items()}
        for part in parts.values():
            store.put_file(part.pop("path"), part["sha256"])
    counts = {slug: count.as_dict() for slug, count in writer.counts.items()}
    return BuiltShard(split, parts, counts)


def snapshot(by_split, shape):
    records = [data for each in by_split.values() for data in each]
    slices = defaultdict(dict)
    for axis, read in {
        "domain": lambda d: d["task"]["domain"],
        "language": lambda d: d["task"]["language"],
        "difficulty": lambda d: str(d["task"]["difficulty"]),
        "task_type": lambda d: d["task"]["type"],
        "quality_class": lambda d: d["verification"]["quality_class"],
    }.items():
        for data in records:
            slices[axis][read(data)] = slices[axis].get(read(data), 0) + 1
    return {
        "dataset": "demo",
        "title": "Demo answers",
        "description": "Made for tests.",
        "version": "1.0.0",
        "previous": None,
        "cut_on": "2026-01-02",
        "records": len(records),
        "splits": {name: len(each) for name, each in by_split.items()},
        "slices": slices,
        "writers": 1,
        "groups": len(records),
        "characters": 1,
        "licence": "cc-by-4.0",
        "licences": {"cc-by-4.0": len(records)},
        "attribution": "",
        "contact": "",
        "url": "http://127.0.0.1/datasets/demo/",
        "approved_first": "2026-01-02",
        "approved_last": "2026-01-02",
        "shape": asdict(shape),
        "preference_pairs": False,
        "selection": {},
        "mixture": [],
        "limitations": [],
        "changes": {"added": len(records)},
        "removed": {},
        "history": [],
        "projects": [{"slug": "p", "name": "Project", "records": len(records), "versions": [1]}],
    }
