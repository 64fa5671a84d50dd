"""DATASHEET.md: the questions of Datasheets for Datasets (Gebru et al., 2021), answered from facts."""

from exports.papers.facts import Facts
from exports.papers.words import bullets, change_words, table


def datasheet(facts: Facts) -> bytes:
    """The whole sheet."""
    sections = [f"# Datasheet: {facts['title']} {facts['version']}"]
    for title, parts in (
        ("Motivation", _motivation(facts)),
        ("Composition", _composition(facts)),
        ("Collection process", _collection(facts)),
        ("Preprocessing, cleaning, labelling", _processing(facts)),
        ("Uses", _uses()),
        ("Distribution", _distribution(facts)),
        ("Maintenance", _maintenance(facts)),
    ):
        sections += [f"## {title}", *parts]
    return ("\n\n".join(sections) + "\n").encode()


def _motivation(facts: Facts) -> list[str]:
    return [
        "Made to fine-tune language models on responses that a qualified person wrote, with evidence of "
        "who wrote and checked each one.",
        facts["description"] or "No further purpose was stated.",
    ]


def _composition(facts: Facts) -> list[str]:
    splits = [[split, f"{n:,}"] for split, n in facts.splits.items()]
    domains = [[domain, f"{n:,}"] for domain, n in facts.slices("domain").items()]
    return [
        f"{facts['records']:,} records from {facts['groups']:,} independent sources of instructions. "
        "Each holds the instruction, the response, its provenance, its reviews and its terms of use.",
        table(["Split", "Records"], splits),
        table(["Domain", "Records"], domains),
        "All approved records that fit the selection are included; the selection is stated in "
        "`manifest.json`.",
    ]


def _collection(facts: Facts) -> list[str]:
    projects = [
        f"{p['name']}: {p['records']:,} records, guideline versions {', '.join(map(str, p['versions']))}"
        for p in facts["projects"]
    ]
    return [
        f"Number of people who wrote the responses: {facts['writers']}. Their qualifications were verified "
        "by people against a register or document, and were valid when they submitted.",
        bullets(projects),
        f"Approved between {facts['approved_first']} and {facts['approved_last']}.",
    ]


def _processing(facts: Facts) -> list[str]:
    classes = ", ".join(f"{name}: {n:,}" for name, n in facts.slices("quality_class").items())
    return [
        "Texts are delivered exactly as typed. No text was generated, rewritten or filtered by a model.",
        "Each response was submitted through the automatic checks of its project and approved by a second "
        "expert and a format reviewer; findings and waivers stand in `verification.checks`.",
        f"Quality classes: {classes}.",
        *_waivers(facts),
        *_likenesses(facts),
    ]


def _waivers(facts: Facts) -> list[str]:
    """Items of protected benchmarks that stand in records for a stated reason; nothing when none do."""
    rows = [
        [
            w["benchmark"],
            w["item"],
            f"{w['share']:.0%}",
            f"{w['records']:,}",
            " ".join(w["reason"].split()),
        ]
        for w in facts.snapshot.get("waivers", [])
    ]
    if not rows:
        return []
    return [
        "Items of protected benchmarks that were met in these records and let stand:",
        table(["Benchmark", "Item", "Share of it met", "Records", "Why it stands"], rows),
    ]


def _likenesses(facts: Facts) -> list[str]:
    """Like responses that both stand in the records for a stated reason; nothing when none do."""
    rows = [
        [f"{row['pairs']:,}", f"{row['alike']:.0%}", " ".join(row["reason"].split())]
        for row in facts.snapshot.get("kept_likenesses", [])
    ]
    if not rows:
        return []
    return [
        "Responses that are like another one in these records, and were both kept:",
        table(["Pairs", "Alike, at most", "Why both are kept"], rows),
    ]


def _uses() -> list[str]:
    return [
        "Meant for supervised fine-tuning and for evaluation. Not meant as advice for any person's case.",
        "Train on the `train` split alone; `test` is for measuring.",
    ]


def _distribution(facts: Facts) -> list[str]:
    return [f"Licence: `{facts['licence']}`. Signed by its publisher (`manifest.sig`)."]


def _maintenance(facts: Facts) -> list[str]:
    contact = facts["contact"] or "the publisher of this dataset"
    return [
        change_words(facts["changes"], facts["previous"]),
        "Corrections and withdrawals appear in the next version with their reason; published versions "
        f"are never altered. Requests go to {contact}.",
    ]
