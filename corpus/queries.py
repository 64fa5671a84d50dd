"""What is known that a text may be the same as: plain data for the checks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, models

from checks import ngrams
from checks.ngrams import Gram, Item, Posting
from checks.sketch import SKETCH_VERSION, sketch
from checks.text import tokens, tokens_with_spans
from checks.types import ProtectedHit, Where
from corpus.enums import HitState, Kind, PairState
from corpus.errors import KeyChanged
from corpus.keys import hasher, key_check
from corpus.models import Hit, Pair, ProtectedItem, ProtectedSet

MOST_CANDIDATES = 60
# A band or run that very many texts share is a template's; this many of its texts are looked at.
MOST_IN_BUCKET = 100
_LEAST_RUNS = 2

# One round trip: texts that share bands, texts that share runs, texts of the same digest.
_SIMILAR = f"""
SELECT fingerprint.ref, fingerprint.digest = %(digest)s AS exact
FROM (
  SELECT fingerprint_id, sum(shared) AS shared FROM (
    SELECT found.fingerprint_id, count(*) AS shared
    FROM unnest(%(bands)s::bigint[]) AS wanted(h)
    CROSS JOIN LATERAL (
      SELECT fingerprint_id FROM corpus_band WHERE h = wanted.h LIMIT {MOST_IN_BUCKET}
    ) AS found
    GROUP BY found.fingerprint_id
    UNION ALL
    SELECT found.fingerprint_id, count(*)
    FROM unnest(%(runs)s::bigint[]) AS wanted(h)
    CROSS JOIN LATERAL (
      SELECT fingerprint_id FROM corpus_run WHERE h = wanted.h LIMIT {MOST_IN_BUCKET}
    ) AS found
    GROUP BY found.fingerprint_id HAVING count(*) >= {_LEAST_RUNS}
    UNION ALL
    (SELECT id, 1 FROM corpus_fingerprint WHERE digest = %(digest)s LIMIT {MOST_IN_BUCKET})
  ) AS parts
  GROUP BY fingerprint_id
) AS likely
JOIN corpus_fingerprint AS fingerprint ON fingerprint.id = likely.fingerprint_id
WHERE fingerprint.kind = %(kind)s
  AND fingerprint.sketch_version = %(version)s
  AND fingerprint.ref <> ALL(%(without)s)
  AND (%(scopes)s::text[] IS NULL OR fingerprint.scope = ANY(%(scopes)s))
ORDER BY exact DESC, likely.shared DESC, fingerprint.id
LIMIT {MOST_CANDIDATES}
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A known text that may be the same: its reference, and whether it is, normalised."""

    ref: str
    exact: bool


def similar(
    text: str,
    *,
    kind: Kind,
    scopes: Sequence[str] | None = None,
    without: Sequence[str] = (),
) -> list[Known]:
    """Known texts that may equal, nearly equal or share a passage with `text`, likeliest first.

    `scopes` of None looks everywhere; `without` are references to leave out (the text's own).
    """
    prepared = sketch(text)
    if not prepared.tokens:
        return []
    asked: dict[str, Any] = {
        "digest": prepared.digest,
        "bands": list(prepared.bands),
        "runs": list(prepared.winnowed) if kind == Kind.RESPONSE else [],
        "kind": kind.value,
        "version": SKETCH_VERSION,
        "without": list(without),
        "scopes": list(scopes) if scopes is not None else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SIMILAR, asked)
        return [Known(ref, exact=exact) for ref, exact in cursor.fetchall()]


Place = tuple[Where, str]
_RARE = """
SELECT gram.h, gram.item_id, gram.position FROM corpus_protectedgram AS gram
WHERE gram.h = ANY(%s) AND NOT gram.common
"""
_COMMON = """
SELECT gram.h, gram.item_id, gram.position FROM corpus_protectedgram AS gram
WHERE gram.item_id = ANY(%s) AND gram.h = ANY(%s) AND gram.common
"""


@dataclass(frozen=True, slots=True)
class _Read:
    """One text prepared for the look-up."""

    where: Where
    text: str
    tokens: list[str]
    grams: list[Gram]


def protected_hits(texts: Iterable[Place]) -> list[ProtectedHit]:
    """Protected items met in these texts, each with its place. Raises KeyMissing, KeyChanged."""
    return [hit for hits in protected_hits_of([list(texts)]) for hit in hits]


def protected_hits_of(rows: Sequence[Sequence[Place]]) -> list[list[ProtectedHit]]:
    """As `protected_hits` for many rows at once, with one look-up for all of them."""
    keys = set(ProtectedSet.objects.values_list("key_check", flat=True))
    if not keys:
        return [[] for _ in rows]
    if keys != {key_check()}:
        raise KeyChanged
    read = [[_read(where, text) for where, text in row] for row in rows]
    hashes = {gram.h for row in read for one in row for gram in one.grams}
    wholes = _wholes(read)
    postings, items = _postings(hashes)
    return [[hit for one in row for hit in _hits(one, postings, items, wholes)] for row in read]


def _read(where: Where, text: str) -> _Read:
    own = tokens(text)
    return _Read(where, text, own, hasher().grams(own))


_Postings = Mapping[int, list[Posting]]


def _wholes(read: Sequence[Sequence[_Read]]) -> dict[int, list[ProtectedItem]]:
    """Items of few words that equal a whole text or a whole line of it, by their hash."""
    keys = {key for row in read for one in row for key, _, _ in _whole_keys(one)}
    found: dict[int, list[ProtectedItem]] = defaultdict(list)
    if not keys:
        return found
    short = ProtectedItem.objects.filter(whole__in=keys, words__lt=ngrams.GRAM_WORDS)
    for item in short.select_related("protected_set"):
        found[item.whole].append(item)
    return found


def _whole_keys(one: _Read) -> list[tuple[int, int, int]]:
    """Hash and range of the text and of each short line in it."""
    keys, place = [], 0
    for line in one.text.splitlines(keepends=True):
        own = tokens(line) if len(line) < 200 else []
        if 1 < len(own) <= 4 * ngrams.GRAM_WORDS:
            keys.append((hasher().whole(own), place, place + len(line.rstrip())))
        place += len(line)
    return keys


def _postings(hashes: set[int]) -> tuple[_Postings, dict[int, Item]]:
    found: dict[int, list[Posting]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_RARE, [list(hashes)])
        for h, item, position in cursor.fetchall():
            found[h].append(Posting(h, item, position))
        ids = {posting.item for postings in found.values() for posting in postings}
        if not ids:
            return found, {}
        cursor.execute(_COMMON, [list(ids), list(hashes)])
        for h, item, position in cursor.fetchall():
            found[h].append(Posting(h, item, position, common=True))
    stored = ProtectedItem.objects.filter(pk__in=ids).select_related("protected_set")
    return found, {item.pk: _item(item) for item in stored}


def _item(stored: ProtectedItem) -> Item:
    name = stored.protected_set.name
    return Item(stored.pk, name, stored.name, stored.tokens, stored.words, stored.own)


def _hits(
    one: _Read,
    postings: _Postings,
    items: dict[int, Item],
    wholes: Mapping[int, list[ProtectedItem]],
) -> list[ProtectedHit]:
    own = [posting for gram in {g.h for g in one.grams} for posting in postings.get(gram, ())]
    hits = [
        _hit(one, match)
        for match in ngrams.matches(one.tokens, one.grams, own, items)
        if ngrams.is_contaminated(match) or ngrams.is_worth_a_look(match)
    ]
    for key, start, end in _whole_keys(one) if wholes else ():
        for item in wholes.get(key, ()):
            where = replace(one.where, start=start, end=end)
            name, words = item.protected_set.name, round(item.words)
            hits.append(ProtectedHit(name, item.name, 1.0, words, words, where))
    return hits


def _hit(one: _Read, match: ngrams.Match) -> ProtectedHit:
    spans = tokens_with_spans(one.text)
    where = one.where
    if len(spans) == len(one.tokens):
        last = min(match.end, len(spans)) - 1
        where = replace(where, start=spans[match.start].start, end=spans[last].end)
    return ProtectedHit(
        benchmark=match.item.benchmark,
        item=match.item.name,
        coverage=1.0 if match.whole else round(match.coverage, 4),
        longest=round(match.longest),
        words=round(match.item.words),
        where=where,
        held=ngrams.is_contaminated(match),
    )


def open_pairs(scope: str) -> models.QuerySet[Pair]:
    """Pairs of this scope that wait for a decision, most alike first."""
    return Pair.objects.filter(scope=scope, state=PairState.OPEN).order_by("-score", "pk")


def clusters(pairs: Iterable[Pair]) -> list[list[Pair]]:
    """Pairs that hang together through common texts, the largest group first."""
    home: dict[str, str] = {}

    def root(ref: str) -> str:
        home.setdefault(ref, ref)
        while home[ref] != ref:
            home[ref] = home[home[ref]]
            ref = home[ref]
        return ref

    everything = list(pairs)
    for pair in everything:
        home[root(pair.second)] = root(pair.first)
    grouped: dict[str, list[Pair]] = defaultdict(list)
    for pair in everything:
        grouped[root(pair.first)].append(pair)
    return sorted(grouped.values(), key=lambda group: (-len(group), group[0].pk))


def hits_in(scope: str) -> models.QuerySet[Hit]:
    """Protected items met in this scope, open ones first, the fullest first."""
    return (
        Hit.objects.filter(scope=scope)
        .select_related("item__protected_set", "decided_by")
        .order_by(
            models.Case(models.When(state=HitState.OPEN, then=0), default=1), "-coverage", "pk"
        )
    )


def held_refs(scopes: Sequence[str]) -> models.QuerySet[Any]:
    """References in these scopes that may not be released, as one subquery: a protected item in them
    is neither removed nor waived, or a duplicate of them was settled in favour of another text."""
    met = Hit.objects.filter(scope__in=scopes, held=True, state=HitState.OPEN)
    lost = Pair.objects.filter(scope__in=scopes, state=PairState.KEEP_ONE)
    return met.values_list("ref", flat=True).union(
        lost.exclude(kept=models.F("first")).values_list("first", flat=True),
        lost.exclude(kept=models.F("second")).values_list("second", flat=True),
    )


def waived_hits(scopes: Sequence[str]) -> models.QuerySet[Hit]:
    """Protected items that were let stand for a reason, by set, item and text."""
    return (
        Hit.objects.filter(scope__in=scopes, state=HitState.WAIVED)
        .select_related("item__protected_set")
        .order_by("item__protected_set__name", "item__name", "ref")
    )
