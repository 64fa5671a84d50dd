"""Labelled sets made from known edits: what is a copy is known because we made it.

Texts are drawn from word lists by a fixed seed: no real data, no file, the same on every machine.
"""

import html
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

_THINGS = """artery bone cartilage clinic contract court creditor debtor deposit dose fever graft heir
infusion insulin invoice kidney lease ledger ligament liver lung mortgage nerve notice ovary pancreas
patient payment pension pulse receipt rash refund reservoir retina ruling seizure sensor skin spleen
statute steroid stroke suture tariff tendon tenant thyroid tissue transfer treaty tremor trust tumour
ulcer valve vaccine vein verdict virus warrant wound yield bacterium catheter compound defendant dividend
electrode enzyme fracture hormone implant inhaler judgment membrane molecule mutation obligation plaintiff
polymer precedent protein reactor receptor regulator sample scaffold sediment spectrum symptom turbine""".split()
_DOES = """accelerates accompanies alters blocks causes compresses confirms contradicts controls damages
delays demands depends determines dissolves drains enlarges excludes exposes follows generates governs
hardens heals improves increases inhibits irritates isolates limits masks measures mimics narrows
obstructs outlasts permits precedes predicts prevents produces protects reaches reduces regulates
releases repairs replaces requires resembles restores reverses scars secures separates signals
stabilises stimulates stops strengthens supports suppresses tears thickens transports triggers
weakens withstands""".split()
_LIKE = """acute advisable annual bilateral binding brittle calcified chronic civil clinical collateral
common composite compulsory congenital conservative contagious criminal dense diffuse distal elastic
elective enforceable fatal fibrous focal fragile gradual hereditary hollow immediate implied inflamed
inherited insoluble intact joint lasting legal liable local marginal mild minor moderate narrow nominal
notable obvious optional oral partial passive persistent porous primary private prompt rapid rare
recurrent reliable remote rigid saline secondary severe shallow silent sparse sterile sudden supple
swollen systemic tacit tender thermal toxic transient urgent venous vital volatile""".split()
_HOW = """after within before despite without beneath beyond during against through around between
unless because although whenever until while since where""".split()
_HAN = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严"


def sentence(rng: random.Random) -> str:
    """One sentence of nine to sixteen words."""
    thing, other, third = rng.sample(_THINGS, 3)
    first = f"the {rng.choice(_LIKE)} {thing} {rng.choice(_DOES)} the {rng.choice(_LIKE)} {other}"
    if rng.random() < 0.8:
        first += f" {rng.choice(_HOW)} a {rng.choice(_LIKE)} {third} {rng.choice(_DOES)} it"
    if rng.random() < 0.3:
        first += f", in about {rng.randint(2, 900)} {rng.choice(_THINGS)}s"
    return first[0].upper() + first[1:] + "."


def passage(rng: random.Random, words: int) -> str:
    """Sentences of about this many words in all."""
    parts: list[str] = []
    while sum(len(part.split()) for part in parts) < words:
        parts.append(sentence(rng))
    return " ".join(parts)


def han_passage(rng: random.Random, characters: int) -> str:
    return "".join(rng.choice(_HAN) for _ in range(characters)) + "。"


def upper(rng: random.Random, text: str) -> str:
    return text.upper()


def respaced(rng: random.Random, text: str) -> str:
    return re.sub(r" ", lambda _: rng.choice([" ", "  ", "\n", "\u00a0"]), text)


def repunctuated(rng: random.Random, text: str) -> str:
    return text.replace(".", " !").replace(",", "").replace("the ", "the\u200b ")


def accented(rng: random.Random, text: str) -> str:
    return text.replace("e", "é").replace("a", "ａ", 3)


def typos(share: float) -> Callable[[random.Random, str], str]:
    """One wrong, missing or swapped letter in this share of the words."""

    def edit(rng: random.Random, text: str) -> str:
        words = text.split(" ")
        for i in rng.sample(range(len(words)), max(1, round(len(words) * share))):
            word = words[i]
            if len(word) > 3:
                k = rng.randrange(1, len(word) - 2)
                words[i] = rng.choice(
                    [
                        word[:k] + rng.choice("aeiou") + word[k + 1 :],
                        word[:k] + word[k + 1 :],
                        word[:k] + word[k + 1] + word[k] + word[k + 2 :],
                    ]
                )
        return " ".join(words)

    return edit


def replaced(share: float) -> Callable[[random.Random, str], str]:
    """Another word in this share of the places."""

    def edit(rng: random.Random, text: str) -> str:
        words = text.split(" ")
        for i in rng.sample(range(len(words)), max(1, round(len(words) * share))):
            words[i] = rng.choice(_THINGS)
        return " ".join(words)

    return edit


def swapped(share: float) -> Callable[[random.Random, str], str]:
    """Neighbouring words changed about, in this share of the places."""

    def edit(rng: random.Random, text: str) -> str:
        words = text.split(" ")
        for i in rng.sample(range(len(words) - 1), max(1, round(len(words) * share))):
            words[i], words[i + 1] = words[i + 1], words[i]
        return " ".join(words)

    return edit


def reordered(rng: random.Random, text: str) -> str:
    parts = re.split(r"(?<=[.!?])\s+", text)
    rng.shuffle(parts)
    return " ".join(parts)


def truncated(share: float) -> Callable[[random.Random, str], str]:
    return lambda rng, text: " ".join(text.split(" ")[: round(len(text.split(" ")) * share)])


NORMALISED = {
    "case": upper,
    "spacing": respaced,
    "punctuation": repunctuated,
    "accents and widths": accented,
    "HTML-escaped": lambda rng, text: html.escape(text.replace("the ", '<"the"> ')),
    "JSON-escaped": lambda rng, text: json.dumps(text)[1:-1],
}
EDITED = {
    "typos in 2 % of words": typos(0.02),
    "typos in 5 %": typos(0.05),
    "words swapped, 2 %": swapped(0.02),
    "words replaced, 2 %": replaced(0.02),
    "words replaced, 4 %": replaced(0.04),
    "words replaced, 8 %": replaced(0.08),
    "sentences reordered": reordered,
    "truncated to 90 %": truncated(0.9),
    "truncated to 75 %": truncated(0.75),
}


def in_text(rng: random.Random, item: str) -> str:
    return f"{passage(rng, 60)}\n\n{item}\n\n{passage(rng, 60)}"


PLACED = {
    "alone": lambda rng, item: item,
    "embedded": in_text,
    "quoted": lambda rng, item: "> " + item.replace(". ", ".\n> "),
    "upper case": upper,
    "HTML-escaped": lambda rng, item: html.escape(in_text(rng, item)),
    "JSON-escaped": lambda rng, item: json.dumps({"result": in_text(rng, item)}),
    "JSON twice": lambda rng, item: json.dumps(json.dumps({"result": item})),
    "typos in 5 % of words": typos(0.05),
}


def grams(text: str, size: int = 3) -> set[tuple[str, ...]]:
    """Word runs by the plainest reading, to label a pair independently of the code under test."""
    words = tuple(re.findall(r"\w+", text.lower()))
    return {words[i : i + size] for i in range(max(1, len(words) - size + 1))}


def plain_jaccard(one: str, other: str, size: int = 3) -> float:
    left, right = grams(one, size), grams(other, size)
    return len(left & right) / len(left | right)


@dataclass(frozen=True)
class Score:
    """Hits among trials, with the Wilson interval at 95 %."""

    hits: int
    trials: int

    @property
    def rate(self) -> float:
        return self.hits / self.trials if self.trials else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson (1927), z = 1.96."""
        if not self.trials:
            return 0.0, 1.0
        n, p, z2 = self.trials, self.rate, 1.96**2
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = 1.96 * ((p * (1 - p) / n + z2 / (4 * n * n)) ** 0.5) / (1 + z2 / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.rate:.3f} [{low:.3f}, {high:.3f}] of {self.trials}"
