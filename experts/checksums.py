"""Check digits of identifiers: an aid against slips of the pen, never a verification."""

import re


def orcid_holds(number: str) -> bool:
    """Whether an ORCID iD's last character fits (ISO 7064 MOD 11-2)."""
    characters = re.sub(r"^https?://orcid\.org/", "", number.strip()).replace("-", "").upper()
    if not re.fullmatch(r"\d{15}[\dX]", characters):
        return False
    total = 0
    for digit in characters[:-1]:
        total = (total + int(digit)) * 2
    rest = (12 - total % 11) % 11
    return characters[-1] == ("X" if rest == 10 else str(rest))


def npi_holds(number: str) -> bool:
    """Whether a US National Provider Identifier's check digit fits (Luhn over 80840 and the number)."""
    digits = re.sub(r"[\s-]", "", number)
    return bool(re.fullmatch(r"[12]\d{9}", digits)) and _luhn("80840" + digits)


def _luhn(digits: str) -> bool:
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
