"""README.md: the dataset card, with the metadata by which the hub and `datasets` find the files."""

import re
import unicodedata
from typing import Any

import yaml

from exports.papers.facts import Facts
from exports.papers.words import bullets, change_words, code, table
from exports.parquet import Columns, configurations

_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)
_FOLDERS = {"default": "data", "objects": "objects"}


class _Plain(yaml.SafeDumper):
    """Writes a value out each time: not every reader of cards follows YAML's anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never an anchor."""
        return True


def card(facts: Facts) -> bytes:
    """The whole card."""
    head = yaml.dump(
        metadata(facts), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=1000
    )
    return f"---\n{head}---\n\n{body(facts)}".encode()


def metadata(facts: Facts) -> dict[str, Any]:
    """The YAML block."""
    licence: dict[str, Any] = {"license": facts.licence_id}
    if facts.licence_id == "other":
        licence |= {"license_name": _slug(str(facts["licence"])), "license_link": "LICENSE.md"}
    languages = sorted({code for tag in facts.slices("language") if (code := _iso(tag))})
    return {
        **licence,
        **({"language": languages} if languages else {}),
        "pretty_name": facts["title"],
        "size_categories": [_size(facts["records"])],
        "task_categories": ["text-generation"],
        "annotations_creators": ["expert-generated"],
        "language_creators": ["expert-generated"],
        "source_datasets": ["original"],
        "multilinguality": ["multilingual" if len(languages) > 1 else "monolingual"],
        "tags": ["sft", "human-written", "expert-verified", "croissant"],
        "configs": [_config(columns, facts) for columns in configurations(facts.shape)],
        "dataset_info": [_info(columns, facts) for columns in configurations(facts.shape)],
    }


def _slug(name: str) -> str:
    """A name of a licence as the hub takes it: small letters, digits, points and dashes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9.]+", "-", plain).strip("-.") or "own-terms"


def _iso(tag: str) -> str:
    """The language of a tag as ISO 639 names it, nothing for a private one: the hub refuses others."""
    first = tag.split("-", maxsplit=1)[0].lower()
    return first if re.fullmatch("[a-z]{2,3}", first) else ""


def _size(records: int) -> str:
    return next((name for limit, name in _SIZES if records < limit), "10M<n<100M")


def _config(columns: Columns, facts: Facts) -> dict[str, Any]:
    folder = _FOLDERS[columns.name]
    files = [{"split": split, "path": f"{folder}/{split}-*.parquet"} for split in facts.splits]
    shown: dict[str, Any] = {"config_name": columns.name, "data_files": files}
    return shown | ({"default": True} if columns.name == "default" else {})


def _info(columns: Columns, facts: Facts) -> dict[str, Any]:
    files = facts.in_folder(_FOLDERS[columns.name])
    sizes = {split: sum(f.bytes for f in files if f.split == split) for split in facts.splits}
    # Only plain types are spelled out: versions of `datasets` before 4.7 refuse the whole card over
    # `json`, and the files of `objects` name their types themselves.
    features = {"features": columns.features()} if columns.name == "default" else {}
    return {
        "config_name": columns.name,
        "version": facts["version"],
        **features,
        "splits": [
            {"name": split, "num_bytes": sizes[split], "num_examples": number}
            for split, number in facts.splits.items()
        ],
        "download_size": sum(sizes.values()),
        "dataset_size": sum(sizes.values()),
    }


def body(facts: Facts) -> str:
    """The text below the metadata."""
    sections = [
        f"# {facts['title']}",
        facts["description"] or "Responses written from scratch by verified domain experts.",
        f"Version {facts['version']}, cut on {facts['cut_on']}. "
        f"{facts['records']:,} records by {facts['writers']} {_people(facts['writers'])}, "
        f"{facts['characters']:,} characters in all.",
        "## Dataset details",
        _details(),
        "## Uses",
        _uses(facts),
        "## Structure",
        _structure(facts),
        "## What is in it",
        *_slices(facts),
        "## Training formats",
        _formats(facts),
        "## Creation",
        _creation(facts),
        "## Personal and sensitive information",
        "Authors and reviewers appear under pseudonyms. What the checks of a project noted, and what was "
        "waived with which reason, stands in `verification.checks` of each record; its terms stand in "
        "`governance`.",
        "## Bias, risks and limitations",
        _limits(facts),
        "## Licence and attribution",
        f"Licence: {code(facts['licence'])}, see `LICENSE.md`. {facts['attribution']}".rstrip(),
        "## Changes since the previous version",
        change_words(facts["changes"], facts["previous"]),
        "## Checking this copy",
        "Every file stands in `manifest.json` with its SHA-256, and `manifest.sig` holds the "
        "publisher's Ed25519 signature over it.",
        "## Citation",
        f"{facts['attribution'] or facts['title']}: {facts['title']}, version {facts['version']}, "
        f"{facts['cut_on'][:4]}.",
    ]
    if facts["contact"]:
        sections += ["## Contact", facts["contact"]]
    return "\n\n".join(sections) + "\n"


def _people(number: int) -> str:
    return "expert" if number == 1 else "experts"


def _details() -> str:
    return (
        "Each record is one instruction and the response that a verified expert wrote for it by hand. "
        "A second expert in the same field checked accuracy and completeness, and a format reviewer "
        "checked form, length and coverage of the instruction. The three are different people. "
        "No model wrote, rewrote or judged a response."
    )


def _uses(facts: Facts) -> str:
    told = "Supervised fine-tuning and evaluation of language models in the domains listed below."
    if facts["preference_pairs"]:
        told += " Preference pairs (`formats/dpo`) are a by-product of review, and marked as such."
    return told + (
        "\n\nOut of scope: use as advice for a person's own case, and any attempt to find out who "
        "the authors are."
    )


def _structure(facts: Facts) -> str:
    rows = [[split, f"{number:,}"] for split, number in facts.splits.items()]
    return "\n\n".join(
        [
            table(["Split", "Records"], rows),
            bullets(
                [
                    "`records/`: the canonical records as JSON Lines, everything in them, by the schema in "
                    "`record.schema.json`",
                    "`data/`: configuration `default`, Parquet with plain types",
                    "`objects/`: configuration `objects`, messages as JSON values (`datasets` 4.7 or newer)",
                    "`formats/`: one folder for each trainer, with the small file its configuration wants",
                ]
            ),
            "Splits keep all records of one instruction, document or case on one side, and texts that are "
            "nearly the same.",
        ]
    )


def _slices(facts: Facts) -> list[str]:
    titles = {
        "domain": "Domain",
        "task_type": "Task",
        "language": "Language",
        "difficulty": "Difficulty",
        "quality_class": "Quality class",
    }
    return [
        table(
            [title, "Records"], [[_value(axis, v), f"{n:,}"] for v, n in facts.slices(axis).items()]
        )
        for axis, title in titles.items()
    ]


def _value(axis: str, value: str) -> str:
    """A path of domains is code: some renderings take one like `software.web` for an address."""
    return code(value) if axis == "domain" else value


def _formats(facts: Facts) -> str:
    if not facts.report:
        return "See `formats/report.json`."
    rows = []
    for slug, told in facts.report["formats"].items():
        total = told["total"]
        reasons = "; ".join(f"{reason}: {n}" for reason, n in total["left_out"].items())
        rows.append([f"`{slug}`", told["title"], f"{total['records']:,}", reasons or "none"])
    return table(["Folder", "Format", "Records", "Left out, and why"], rows)


def _creation(facts: Facts) -> str:
    projects = ", ".join(
        f"{project['name']} ({project['records']:,})" for project in facts["projects"]
    )
    return (
        f"Commissioned in: {projects}. Writers worked in an editor that keeps an append-only log of "
        "edits; its summary stands in `provenance.writing_log`. Qualifications were verified by people "
        "before the work began; kind, field and date stand in `provenance.qualification`."
    )


def _limits(facts: Facts) -> str:
    known = [*facts["limitations"]]
    known += [
        "Answers reflect knowledge at the date of approval (`verification.approved_at`).",
        "The share of each domain follows what was commissioned, not how often questions arise.",
    ]
    return bullets(known)
