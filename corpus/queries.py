"""What is known that a text may be the same as: plain data for the checks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, models
from django.db.models.functions import Length

from checks import ngrams
from checks.ngrams import Gram, Item, Posting
from checks.similarity import WORD_THRESHOLD
from checks.sketch import SKETCH_VERSION, sketch
from checks.text import tokens, tokens_with_spans
from checks.types import ProtectedHit, Where
from corpus.enums import HitState, Kind, PairState
from corpus.errors import KeyChanged
from corpus.keys import hasher, key_check
from corpus.models import Fingerprint, Hit, Look, Pair, ProtectedSet

MOST_CANDIDATES = 60
# A band or run that very many texts share is a template's; this many of its texts are looked at.
MOST_IN_BUCKET = 100
_LEAST_RUNS = 2
# A line that may be a whole item of fewer words than a run has: in letters, and in words' signs.
_LONGEST_SHORT = 200
_MOST_SHORT = 4 * ngrams.GRAM_WORDS + 1

# One round trip: texts that share bands, texts that share runs, texts of the same digest.
_SIMILAR = f"""
SELECT fingerprint.ref, fingerprint.digest = %(digest)s AS exact, fingerprint.scope
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
  AND (%(scopes)s::text[] IS NULL OR fingerprint.scope = ANY(%(scopes)s) OR fingerprint.released)
ORDER BY exact DESC, likely.shared DESC, fingerprint.id
LIMIT {MOST_CANDIDATES}
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A known text that may be the same: its reference, whether it is, normalised, and where it belongs."""

    ref: str
    exact: bool
    scope: str = ""


def similar(
    text: str,
    *,
    kind: Kind,
    scopes: Sequence[str] | None = None,
    without: Sequence[str] = (),
) -> list[Known]:
    """Known texts that may equal, nearly equal or share a passage with `text`, likeliest first.

    `scopes` of None looks everywhere; otherwise in these and among what is released. `without` are
    references to leave out (the text's own).
    """
    prepared = sketch(text)
    if not prepared.tokens:
        return []
    asked: dict[str, Any] = {
        "digest": prepared.digest,
        "bands": _array(prepared.bands),
        "runs": _array(prepared.winnowed if kind == Kind.RESPONSE else ()),
        "kind": kind.value,
        "version": SKETCH_VERSION,
        "without": list(without),
        "scopes": list(scopes) if scopes is not None else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SIMILAR, asked)
        return [Known(ref, exact, scope) for ref, exact, scope in cursor.fetchall()]


def _array(values: Iterable[int]) -> str:
    """Numbers as an array literal, several times quicker than the adapter of lists writes one."""
    return f"{{{','.join(map(str, values))}}}"


Place = tuple[Where, str]
# Nearly every text meets nothing, which one plain statement tells: runs that are an item's own, short
# items that equal a whole line, and the keys under which sets were made. The arrays come by a subselect:
# the planner weighs each number of one it can read, for a fifth of the time of the whole look-up.
_MET = f"""
SELECT h, item_id, position FROM corpus_protectedgram
WHERE h = ANY((SELECT %(hashes)s::bigint[])::bigint[]) AND NOT common
UNION ALL
SELECT whole, id, -1 FROM corpus_protecteditem
WHERE whole = ANY((SELECT %(wholes)s::bigint[])::bigint[]) AND words < {ngrams.GRAM_WORDS}
UNION ALL
SELECT key_check, NULL, NULL FROM corpus_protectedset
"""
# The template runs of the items that were met, and the items.
_COMMON = """
SELECT h, item_id, position FROM corpus_protectedgram
WHERE item_id = ANY(%(items)s::bigint[]) AND h = ANY(%(hashes)s::bigint[]) AND common
"""
_ITEMS = """
SELECT item.id, made.name, item.name, item.tokens, item.words, item.own
FROM corpus_protecteditem AS item JOIN corpus_protectedset AS made ON made.id = item.protected_set_id
WHERE item.id = ANY(%(items)s::bigint[])
  AND (%(sets)s::bigint[] IS NULL OR made.id = ANY(%(sets)s::bigint[]))
"""


@dataclass(frozen=True, slots=True)
class _Read:
    """One text prepared for the look-up; `lines` are the hashes of its short lines, with their range."""

    where: Where
    text: str
    tokens: list[str]
    grams: list[Gram]
    lines: list[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class _Met:
    """What the look-up gave: postings by run, items by number, short items by the hash of their whole."""

    postings: Mapping[int, list[Posting]]
    items: Mapping[int, Item]
    wholes: Mapping[int, list[Item]]


def protected_hits(texts: Iterable[Place]) -> list[ProtectedHit]:
    """Protected items met in these texts, each with its place. Raises KeyMissing, KeyChanged."""
    return [hit for hits in protected_hits_of([list(texts)]) for hit in hits]


def protected_hits_of(
    rows: Sequence[Sequence[Place]], *, sets: Sequence[int] | None = None
) -> list[list[ProtectedHit]]:
    """As `protected_hits` for many rows at once, with one look-up for all of them, in `sets` or in all."""
    read = [[_read(where, text) for where, text in row] for row in rows]
    met = _met([one for row in read for one in row], sets)
    if not met.items:
        return [[] for _ in rows]
    return [[hit for one in row for hit in _hits(one, met)] for row in read]


def _read(where: Where, text: str) -> _Read:
    own = tokens(text)
    return _Read(where, text, own, hasher().grams(own), _lines(text))


def _lines(text: str) -> list[tuple[int, int, int]]:
    """Hash and range of each short line, and of a short text: an item of few words may be all of it."""
    found, place = [], 0
    for line in text.splitlines(keepends=True):
        own = tokens(line) if 1 < len(line) < _LONGEST_SHORT else []
        if 1 < len(own) < _MOST_SHORT:
            found.append((hasher().whole(own), place, place + len(line.rstrip())))
        place += len(line)
    return found


def _met(read: Sequence[_Read], sets: Sequence[int] | None) -> _Met:
    hashes = list({gram.h for one in read for gram in one.grams})
    wholes = list({key for one in read for key, _, _ in one.lines})
    postings: dict[int, list[Posting]] = defaultdict(list)
    short: dict[int, list[int]] = defaultdict(list)
    keys = set()
    with connection.cursor() as cursor:
        cursor.execute(_MET, {"hashes": _array(hashes), "wholes": _array(wholes)})
        for h, pk, position in cursor.fetchall():
            if pk is None:
                keys.add(h)
            elif position < 0:
                short[h].append(pk)
            else:
                postings[h].append(Posting(h, pk, position))
        if keys and keys != {key_check()}:
            raise KeyChanged
        met = {posting.item for found in postings.values() for posting in found}
        if not met and not short:
            return _Met({}, {}, {})
        asked: dict[str, Any] = {
            "hashes": _array(hashes),
            "items": [*met, *(pk for found in short.values() for pk in found)],
            "sets": sets,
        }
        cursor.execute(_COMMON, asked)
        for h, pk, position in cursor.fetchall():
            postings[h].append(Posting(h, pk, position, common=True))
        cursor.execute(_ITEMS, asked)
        items = {row[0]: Item(*row) for row in cursor.fetchall()}
    whole = {h: [items[pk] for pk in found if pk in items] for h, found in short.items()}
    return _Met(postings, items, whole)


def _hits(one: _Read, met: _Met) -> list[ProtectedHit]:
    own = [posting for h in {gram.h for gram in one.grams} for posting in met.postings.get(h, ())]
    hits = [
        _hit(one, match)
        for match in ngrams.matches(one.tokens, one.grams, own, met.items)
        if ngrams.is_contaminated(match) or ngrams.is_worth_a_look(match)
    ]
    for key, start, end in one.lines:
        for item in met.wholes.get(key, ()):
            where = replace(one.where, start=start, end=end)
            words = round(item.words)
            hits.append(ProtectedHit(item.benchmark, item.name, 1.0, words, words, where))
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


def open_pairs(scope: str, *, origin: str = "", exact: bool | None = None) -> models.QuerySet[Pair]:
    """Pairs of this scope that wait for a decision, most alike first; those of one import, or that are
    the same (or only alike), where it is asked for."""
    found = Pair.objects.filter(scope=scope, state=PairState.OPEN)
    if origin:
        found = found.filter(origin=origin)
    if exact is not None:
        found = found.filter(exact=exact)
    return found.order_by("-score", "pk")


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


def hits_in(scope: str, *, origin: str = "") -> models.QuerySet[Hit]:
    """Protected items met in this scope, or by one import; open ones first, the fullest first."""
    found = Hit.objects.filter(scope=scope)
    return (
        (found.filter(origin=origin) if origin else found)
        .select_related("item__protected_set", "decided_by")
        .order_by(
            models.Case(models.When(state=HitState.OPEN, then=0), default=1), "-coverage", "pk"
        )
    )


@dataclass(frozen=True, slots=True)
class Met:
    """What the instructions of an import met: how far the look is, and what waits for a decision."""

    total: int
    done: int
    same: int
    alike: int
    protected: int


def met_by(origin: str) -> Met | None:
    """What one import met, or None where nothing was asked."""
    look = Look.objects.filter(origin=origin).first()
    if look is None:
        return None
    pairs = Pair.objects.filter(origin=origin, state=PairState.OPEN)
    same = pairs.filter(exact=True).count()
    hits = Hit.objects.filter(origin=origin, state=HitState.OPEN)
    return Met(look.total, look.done, same, pairs.count() - same, hits.count())


def sets_with_looks() -> list[tuple[ProtectedSet, Look | None]]:
    """Protected sets by name, each with the look through the texts that were there before it."""
    looks = {look.origin: look for look in Look.objects.filter(origin__startswith="set:")}
    return [(made, looks.get(f"set:{made.pk}")) for made in ProtectedSet.objects.all()]


def held_refs(scopes: Sequence[str]) -> models.QuerySet[Any]:
    """References in these scopes that may not be released, as one subquery: a protected item in them
    is neither removed nor waived; a duplicate of them was settled in favour of another text; or nobody
    has decided yet about a response that is like an earlier one. One that is out already stays until
    somebody does."""
    met = Hit.objects.filter(scope__in=scopes, held=True, state=HitState.OPEN)
    pairs = Pair.objects.filter(scope__in=scopes)
    lost = pairs.filter(state=PairState.KEEP_ONE)
    undecided = pairs.filter(kind=Kind.RESPONSE, state=PairState.OPEN, score__gte=WORD_THRESHOLD)
    # References of one kind differ by their number alone, and `first` stands before `second` in the
    # alphabet: the larger number is the longer text, or the second of two as long.
    longer = models.Q(length__lt=Length("first"))
    later = models.Case(models.When(longer, then=models.F("first")), default=models.F("second"))
    out = Fingerprint.objects.filter(
        kind=Kind.RESPONSE, ref=models.OuterRef("later"), released=True
    )
    waiting = undecided.annotate(length=Length("second"), later=later).exclude(models.Exists(out))
    return met.values_list("ref", flat=True).union(
        lost.exclude(kept=models.F("first")).values_list("first", flat=True),
        lost.exclude(kept=models.F("second")).values_list("second", flat=True),
        waiting.values_list("later", flat=True),
    )


def kept_pairs(scopes: Sequence[str]) -> models.QuerySet[Pair]:
    """Like responses that were both kept for a reason."""
    found = Pair.objects.filter(scope__in=scopes, state=PairState.KEEP_BOTH, kind=Kind.RESPONSE)
    return found.order_by("reason", "pk")


def waived_hits(scopes: Sequence[str]) -> models.QuerySet[Hit]:
    """Protected items that were let stand for a reason, by set, item and text."""
    return (
        Hit.objects.filter(scope__in=scopes, state=HitState.WAIVED)
        .select_related("item__protected_set")
        .order_by("item__protected_set__name", "item__name", "ref")
    )
