"""LICENSE.md: under which terms the texts may be used, and whom to name."""

from exports.papers.facts import Facts
from exports.papers.words import table

_LINKS = {
    "cc-by-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "cc-by-sa-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "cc-by-nc-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
    "cc0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "odc-by": "https://opendatacommons.org/licenses/by/1-0/",
    "apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
}


def licence_url(facts: Facts) -> str:
    """Where the terms stand in full, or LICENSE.md for terms of the publisher's own."""
    return _LINKS.get(str(facts["licence"]).lower(), "LICENSE.md")


def licence(facts: Facts) -> bytes:
    """The whole file."""
    name = facts["attribution"] or facts["title"]
    link = _LINKS.get(str(facts["licence"]).lower())
    terms = (
        f"The terms in full: {link}" if link else "The terms are those agreed with the publisher."
    )
    rows = [[text, f"{number:,}"] for text, number in facts["licences"].items()]
    sections = [
        "# Licence",
        f"{facts['title']}, version {facts['version']}, is released under `{facts['licence']}`. {terms}",
        f"Attribution: {name}",
        "Licence of the single records, as agreed with their authors and the owners of the instructions:",
        table(["Licence", "Records"], rows),
    ]
    return ("\n\n".join(sections) + "\n").encode()
