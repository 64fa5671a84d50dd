"""Identifiers of real people: patterns, with the checksum where the identifier has one.

Patterns find a name only where something beside it says so (a title, "the patient", "my wife"), and a
place only as a street address: a text without findings is not de-identified.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address

from checks.types import Check, Finding, Severity, Subject


def luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1)."""
    total = 0
    for i, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + i % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit() and c.isascii())


def is_card(text: str) -> bool:
    digits = _digits(text)
    return (
        13 <= len(digits) <= 19 and digits[0] in "23456" and luhn(digits) and len(set(digits)) > 1
    )


def is_iban(text: str) -> bool:
    """Country, two check digits and account, modulo 97 (ISO 13616)."""
    bare = re.sub(r"[\s-]", "", text).upper()
    if not 15 <= len(bare) <= 34:
        return False
    moved = bare[4:] + bare[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def is_nhs(text: str) -> bool:
    """NHS number of England and Wales: weights 10..2, modulo 11."""
    digits = _digits(text)
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    check = 11 - sum(int(d) * (10 - i) for i, d in enumerate(digits[:9])) % 11
    return check % 11 == int(digits[9]) and check != 10


def is_npi(text: str) -> bool:
    """US provider number: ten digits, Luhn with the prefix 80840."""
    digits = _digits(text)
    return len(digits) == 10 and digits[0] in "12" and luhn("80840" + digits)


def is_ssn(text: str) -> bool:
    """US social security number: areas, groups and serials that are issued."""
    digits = _digits(text)
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    issued = area not in {"000", "666"} and area[0] != "9" and group != "00" and serial != "0000"
    return issued and digits not in {"123456789", "078051120", "219099999"}


def is_public_ip(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return not (
        address.is_private
        or address.is_loopback
        or address.is_multicast
        or address.is_unspecified
        or address.is_reserved
    )


_RESERVED_DOMAIN = re.compile(
    r"(?:^|[.@])(?:example\.(?:com|org|net|edu)|[\w-]+\.(?:example|test|invalid|localhost)"
    r"|domain\.com|email\.com|yourdomain\.com|company\.com)$",
    re.IGNORECASE,
)


def is_mail(text: str) -> bool:
    return not _RESERVED_DOMAIN.search(text)


def is_phone(text: str) -> bool:
    """Enough digits, and not one of the numbers kept free for fiction (555-01xx)."""
    digits = _digits(text)
    return (
        8 <= len(digits) <= 15 and not re.search(r"55501\d\d$", digits) and (len(set(digits)) > 2)
    )


@dataclass(frozen=True, slots=True)
class Identifier:
    """One kind of identifier. ``holds`` confirms a match; ``strict`` kinds block."""

    kind: str
    title: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = lambda _text: True
    severity: Severity = Severity.WARNING


def _kind(
    kind: str,
    title: str,
    pattern: str,
    holds: Callable[[str], bool] = lambda _t: True,
    severity: Severity = Severity.WARNING,
    flags: int = 0,
) -> Identifier:
    return Identifier(kind, title, re.compile(pattern, flags), holds, severity)


_I = re.IGNORECASE
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)

STANDARD: tuple[Identifier, ...] = (
    _kind(
        "email",
        "e-mail address",
        r"(?<![\w.+-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}\b",
        is_mail,
    ),
    _kind(
        "card",
        "payment card number",
        # Unbroken, in fours, or 4-6-5 as printed on the card; never the beginning of a longer code.
        r"(?<![\w.-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?"
        r"|3\d{3}([ -])\d{6}\2\d{5})(?![\w-]|\.\d)",
        is_card,
        Severity.ERROR,
    ),
    _kind(
        "iban",
        "bank account number (IBAN)",
        r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?\b",
        is_iban,
        Severity.ERROR,
    ),
    _kind(
        "ssn",
        "US social security number",
        r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])",
        is_ssn,
        Severity.ERROR,
    ),
    _kind(
        "ssn",
        "US social security number",
        r"(?<=\bSSN)[\s:#is]{1,8}\d{3}[ -]?\d{2}[ -]?\d{4}\b",
        is_ssn,
        Severity.ERROR,
        _I,
    ),
    _kind(
        "nhs", "NHS number", r"(?<![\d-])\d{3}[ -]\d{3}[ -]\d{4}(?![\d-])", is_nhs, Severity.ERROR
    ),
    _kind(
        "nhs",
        "NHS number",
        r"(?<=\bNHS)(?: no\.?| number)?[\s:#is]{1,8}\d{10}\b",
        is_nhs,
        Severity.ERROR,
        _I,
    ),
    _kind("npi", "US provider number (NPI)", r"(?<=\bNPI)[\s:#is]{1,8}\d{10}\b", is_npi, flags=_I),
    _kind(
        "mrn",
        "medical record number",
        r"\b(?:MRN|medical record (?:no\.?|number)|hospital (?:no\.?|number)|patient (?:id|no\.?"
        r"|number))\s*(?:is|:|#|=)?\s*#?(?=[A-Z0-9-]*\d)[A-Z0-9-]{5,15}\b",
        severity=Severity.ERROR,
        flags=_I,
    ),
    _kind(
        "phone",
        "phone number",
        r"(?<![\w.,/-])\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{2,4}(?:[ .-]?\d{2,4}){1,4}(?![\w-])",
        is_phone,
    ),
    _kind(
        "phone",
        "phone number",
        r"(?<![\w./-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[ .-]\d{4}(?![\w-]|\.\d)",
        is_phone,
    ),
    _kind(
        "ip",
        "IP address",
        r"(?<![\w.])(?<!ection )(?<!ersion )(?<!lause )(?<!hapter )"
        r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w]|\.\d)",
        is_public_ip,
    ),
    _kind(
        "ip",
        "IP address",
        r"(?<![\w:])(?:[0-9a-fA-F]{1,4}:){3,7}:?(?:[0-9a-fA-F]{1,4})(?![\w:])",
        is_public_ip,
    ),
)

_NAME = r"[A-Z\u00c0-\u00d6\u00d8-\u00de][^\W\d_][\w'\u2019-]{0,30}"
_STREET = r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Boulevard|Blvd|Court|Ct|Place|Square|Terrace|Way)"

SAFE_HARBOR: tuple[Identifier, ...] = (
    _kind(
        "name",
        "person's name",
        rf"\b(?:Mrs?|Ms|Miss|Mx|Dr|Prof|Herr|Frau|Mme|Sra?)\.? (?:{_NAME} ){{0,2}}{_NAME}\b",
    ),
    _kind(
        "name",
        "person's name",
        r"(?:\b(?i:patient|client|name is|name:|wife|husband|son|daughter|mother|father"
        rf"|brother|sister|neighbou?r),? )(?:{_NAME} ){{1,2}}{_NAME}\b",
    ),
    _kind(
        "address",
        "street address",
        rf"\b\d{{1,5}}[A-Za-z]? (?:{_NAME} ){{1,3}}{_STREET}\b\.?",
    ),
    _kind("url", "web address", r"\b(?:https?://|www\.)[^\s<>()\[\]\"']{3,500}", flags=_I),
    _kind(
        "date",
        "date",
        rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?[ ./-](?:of )?{_MONTH}|{_MONTH}\.? \d{{1,2}}"
        r"(?:st|nd|rd|th)?)\b(?:,? ?(?:19|20)\d\d)?",
        flags=_I,
    ),
    _kind(
        "date",
        "date",
        r"(?<![\d/.-])(?:(?:0?[1-9]|[12]\d|3[01])[/.-]){2}(?:(?:19|20)\d\d|\d\d)"
        r"(?![\d/-]|\.\d)",
    ),
    _kind(
        "date", "date", r"(?<![\d-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)"
    ),
    _kind(
        "age",
        "age above 89",
        r"\b(?:9\d|1[0-2]\d)[ -](?:years?[ -]old|y/?o\b|yrs?[ -]old)|\baged? (?:9\d|1[0-2]\d)\b",
        flags=_I,
    ),
    _kind("zip", "postal code", r"\b[A-Z]{2} \d{5}(?:-\d{4})?\b"),
    _kind(
        "plan",
        "health plan or account number",
        r"\b(?:member|policy|account|acct|insurance|claim|beneficiary)\s*(?:id|no\.?|number|#)"
        r"\s*(?:is|:|#|=)?\s*#?(?=[A-Z0-9-]*\d)[A-Z0-9-]{5,20}\b",
        flags=_I,
    ),
    _kind(
        "licence",
        "licence or certificate number",
        r"\b(?:licen[cs]e|certificate|DEA|registration|passport)\s*(?:id|no\.?|number|#)\s*(?:is|:|#|=)?"
        r"\s*#?(?=[A-Z0-9-]*\d)[A-Z0-9-]{5,20}\b",
        flags=_I,
    ),
    _kind(
        "other",
        "number that stands for one person",
        r"\b(?:study|subject|participant|employee|student)\s*(?:id|no\.?|number|#)\s*(?:is|:|#|=)?"
        r"\s*#?(?=[A-Z0-9-]*\d)[A-Z0-9-]{4,20}\b",
        flags=_I,
    ),
    _kind(
        "device",
        "device or vehicle number",
        r"\b(?:serial|device|VIN|plate|IMEI)\s*(?:id|no\.?|number|#)?\s*(?:is|:|#|=)\s*#?"
        r"(?=[A-Z0-9-]*\d)[A-Z0-9-]{5,20}\b",
        flags=_I,
    ),
)


class PersonalData(Check):
    id = "personal_data"
    title = "Personal data"
    description = (
        "E-mail, phone, payment card (Luhn), IBAN, US SSN, NHS and NPI numbers (checksums), record "
        "numbers, public IP addresses; with the profile 'safe_harbor' also web addresses, dates, "
        "ages over 89, names after a title or a word like 'patient', street addresses, postal, plan, "
        "licence, device, passport, study and staff numbers (HIPAA Safe Harbor, as far as patterns "
        "reach). Other names and places, photographs and biometric data are not found: somebody has "
        "to read for them."
    )
    section = "privacy"
    version = 3

    def applies(self, subject: Subject) -> bool:
        return subject.section("privacy").get("profile") != "off"

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        rules = subject.section("privacy")
        kinds = STANDARD + (SAFE_HARBOR if rules.get("profile") == "safe_harbor" else ())
        allowed = {str(value).casefold() for value in rules.get("allow", ())}
        for where, text in subject.texts():
            if where.part == "evidence":
                continue
            for kind, start, end in identifiers(text, kinds):
                if text[start:end].strip(" :#").casefold() in allowed:
                    continue
                own = where.part == "response"
                yield self.find(
                    f"This looks like {'an' if kind.title[0] in 'aeiou' else 'a'} {kind.title}"
                    f"{where.inside}.",
                    advice="Use one that belongs to nobody, or take it out."
                    if own
                    else "Ask for the instruction to be corrected.",
                    severity=self._severity(subject, kind, own),
                    where=replace(where, start=start, end=end),
                    kind=kind.kind,
                    replacement=f"[{kind.kind}]",
                )

    def _severity(self, subject: Subject, kind: Identifier, own: bool) -> Severity:
        if subject.section("privacy").get("severity"):
            return self.severity_in(subject)
        return kind.severity if own else Severity.WARNING


# No text is looked at for more than these: the runner shows fewer.
MOST_FOUND = 200


def identifiers(
    text: str, kinds: tuple[Identifier, ...] = STANDARD
) -> list[tuple[Identifier, int, int]]:
    """What looks like an identifier, with its range, in the order of the text; no overlaps."""
    found: list[tuple[Identifier, int, int]] = []
    for kind in kinds:
        for match in kind.pattern.finditer(text):
            if len(found) == MOST_FOUND:
                break
            start, end = match.span()
            if kind.holds(match.group()) and not any(s < end and start < e for _, s, e in found):
                found.append((kind, start, end))
    return sorted(found, key=lambda item: item[1])
