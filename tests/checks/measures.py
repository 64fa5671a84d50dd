"""Recall and precision of the checks on the labelled sets: `python -m tests.checks.measures`.

Writes docs/reference/checks-measured.md and checks/measured.json, which the page of checks shows.
"""

import json
import random
from collections import defaultdict
from pathlib import Path

from checks import ngrams, similarity
from checks import text as reading
from checks.registry import by_id
from checks.runner import run
from checks.sketch import sketch
from tests.checks import labelled
from tests.checks.labelled import Score
from tests.checks.samples import BY_SUBJECT, BY_TEXT, subject

SEED = 20


def found_together(one, other):
    """Would the index propose the pair, and the check call it a near-duplicate?"""
    left, right = sketch(one), sketch(other)
    proposed = bool(set(left.bands) & set(right.bands))
    return proposed and bool(similarity.near(left, [right]))


def normalised(count=150):
    """Copies that differ by form alone must have the same digest."""
    rng = random.Random(SEED)
    hits = total = 0
    for _ in range(count):
        text = labelled.passage(rng, rng.choice([12, 40, 200]))
        for edit in labelled.NORMALISED.values():
            hits += sketch(edit(rng, text)).digest == sketch(text).digest
            total += 1
    return Score(hits, total)


def near_duplicates(count=60):
    """(recall at Jaccard >= 0.8, precision, recall by edit); labels by a plain reading of words."""
    rng = random.Random(SEED + 1)
    by_edit = defaultdict(lambda: [0, 0])
    hits = total = flagged = 0
    for _ in range(count):
        for name, edit in labelled.EDITED.items():
            text = labelled.passage(rng, rng.choice([30, 80, 250]))
            copy = edit(rng, text)
            if labelled.plain_jaccard(text, copy) < 0.8:
                continue
            hit = found_together(text, copy)
            by_edit[name][0] += hit
            by_edit[name][1] += 1
            hits, total, flagged = hits + hit, total + 1, flagged + hit
    wrong = 0
    for _ in range(count * 5):
        wrong += found_together(labelled.passage(rng, 80), labelled.passage(rng, 80))
    edits = {name: Score(*counts) for name, counts in sorted(by_edit.items())}
    return Score(hits, total), Score(flagged, flagged + wrong), edits


def templates(count=40):
    """Rows that share a frame of 40 words around their own 12: how many are let pass."""
    rng = random.Random(SEED + 2)
    frame = labelled.passage(rng, 24), labelled.passage(rng, 24)
    rows = [sketch(f"{frame[0]} {labelled.sentence(rng)} {frame[1]}") for _ in range(count)]
    let_pass = sum(not similarity.near(row, rows[:i] + rows[i + 1 :]) for i, row in enumerate(rows))
    return Score(let_pass, count)


class Protected:
    """Protected items in memory, hashed as the database keeps them."""

    def __init__(self, texts, key=b"key of the labelled sets"):
        self.hasher = ngrams.Hasher(key)
        self.items, self.postings = {}, defaultdict(list)
        for number, text in enumerate(texts, 1):
            tokens = reading.tokens(text)
            words = float(sum(map(reading.weight, tokens)))
            self.items[number] = ngrams.Item(number, "set", str(number), len(tokens), words, words)
            for gram in self.hasher.grams(tokens):
                self.postings[gram.h].append(ngrams.Posting(gram.h, number, gram.start))

    def found(self, text):
        tokens = reading.tokens(text)
        grams = self.hasher.grams(tokens)
        own = [p for h in {g.h for g in grams} for p in self.postings.get(h, ())]
        met = ngrams.matches(tokens, grams, own, self.items)
        return {m.item.id for m in met if ngrams.is_contaminated(m) or ngrams.is_worth_a_look(m)}


def contamination(count=120):
    """({placement: recall}, share of clean rows flagged) for items of 13 to 60 words."""
    rng = random.Random(SEED + 3)
    texts = [labelled.passage(rng, rng.randint(13, 45)) for _ in range(count)]
    han = [labelled.han_passage(rng, rng.randint(30, 80)) for _ in range(count // 4)]
    protected = Protected(texts + han)
    scores = {}
    for name, place in labelled.PLACED.items():
        hits = sum(n in protected.found(place(rng, t)) for n, t in enumerate(texts, 1))
        scores[name] = Score(hits, len(texts))
    long = [(n, t) for n, t in enumerate(texts, 1) if len(t.split()) >= 26]
    halves = [(n, " ".join(t.split()[: len(t.split()) // 2])) for n, t in long]
    scores["first half (26 words or more)"] = Score(
        sum(n in protected.found(labelled.in_text(rng, t)) for n, t in halves), len(halves)
    )
    scores["script without spaces, embedded"] = Score(
        sum(
            n in protected.found(labelled.han_passage(rng, 60) + t + labelled.han_passage(rng, 60))
            for n, t in enumerate(han, len(texts) + 1)
        ),
        len(han),
    )
    clean = [labelled.passage(rng, 120) for _ in range(count * 5)]
    return scores, Score(sum(bool(protected.found(t)) for t in clean), len(clean))


def by_check():
    """{check: (recall, false alarms)} on the examples of tests.checks.samples."""
    bad, good = defaultdict(list), defaultdict(list)
    for check, (found, let_pass) in BY_TEXT.items():
        bad[check] += [subject(text) for text in found]
        good[check] += [subject(text) for text in let_pass]
    for check, looked_at, expected in BY_SUBJECT:
        (bad if expected else good)[check].append(looked_at)
    return {
        check: (_share(check, bad[check]), _share(check, good[check]))
        for check in sorted(set(bad) | set(good))
    }


def _share(check, subjects):
    return Score(sum(bool(run(s, [by_id(check)])) for s in subjects), len(subjects))


def rows():
    """(check, what was measured, score) for the page and the table."""
    recall, precision, edits = near_duplicates()
    places, clean = contamination()
    yield "duplicate", "copies that differ by form: found", normalised()
    yield "near_duplicate", "copies at Jaccard 0.8 or more: found", recall
    yield "near_duplicate", "pairs flagged: that are copies", precision
    for name, score in edits.items():
        yield "near_duplicate", f"{name}: found", score
    yield "near_duplicate", "rows that share a template only: let pass", templates()
    for name, score in places.items():
        yield "contamination", f"item of 13 words or more, {name}: found", score
    yield "contamination", "clean rows: flagged", clean
    for check, (found, false_alarms) in by_check().items():
        yield check, "examples that must be found: found", found
        if false_alarms.trials:
            yield check, "examples that must pass: flagged", false_alarms


# Read by hand once, with seven public benchmarks protected: HumanEval, MBPP test, GSM8K test, TruthfulQA,
# MMLU validation, IFEval, Vicuna.
_ON_REAL_FILES = """## Contamination on public files, read by hand

With HumanEval, MBPP test, GSM8K test, TruthfulQA, MMLU validation, IFEval and Vicuna protected.

| file | rows | held | to be looked at | read as the same item | read as another |
|---|---|---|---|---|---|
| GSM8K train, a part | 3,000 | 2 | 4 | 2, with other numbers | 4 |
| MBPP train | 474 | 17 | 1 | 12 | 6 |
| Dolly, a part | 2,000 | 1 | 0 | 1, a passage that both quote | 0 |
| Dolly in a prompt template, a part | 500 | 0 | 1 | 0 | 1 |
| MT-Bench | 80 | 4 | 0 | 3 | 1 |
| MedQuAD, PubMedQA, ExpertQA, OpenAssistant (English, Chinese), self-instruct, prompts | 5,717 | 0 | 0 | 0 | 0 |

An item with other numbers is still met, because its words are there. So is a short task that differs from
a protected one by a single word (the first for the last, left for right): hashes of runs cannot tell that
from a slip of the pen. Such a hit is waived with a reason. For duplicates it is the other way round: signs
between numbers and the operators of code are part of the text, and rows that ask the same with other
numbers are near-duplicates at most.""".split("\n")


def main():
    root = Path(__file__).parents[2]
    measured = list(rows())
    data = [
        {
            "check": check,
            "what": what,
            "rate": round(s.rate, 4),
            "trials": s.trials,
            "low": round(s.interval[0], 4),
            "high": round(s.interval[1], 4),
        }
        for check, what, s in measured
    ]
    (root / "checks" / "measured.json").write_text(json.dumps(data, indent=1) + "\n")
    lines = [
        "# Checks, measured",
        "",
        "Made by `python -m tests.checks.measures` on sets whose labels are known because the tests make",
        "them: texts drawn from word lists, copied with known edits. Intervals are Wilson's at 95 %. Drawn",
        "text repeats itself less than real text does, and an example list is no sample of the world: read",
        "the figures as what the code does, not as what it will meet.",
        "",
        "| check | measured | share | 95 % interval | of |",
        "|---|---|---|---|---|",
        *(
            f"| `{c}` | {w} | {s.rate:.3f} | {s.interval[0]:.3f} to {s.interval[1]:.3f} | {s.trials} |"
            for c, w, s in measured
        ),
        "",
        *_ON_REAL_FILES,
        "",
    ]
    (root / "docs" / "reference" / "checks-measured.md").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
