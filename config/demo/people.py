"""Who takes part in the demo. Only the first four have a password; names are roles, nobody is made up."""

from dataclasses import dataclass

from experts.enums import Role

PASSWORD = "firsthand-demo"  # noqa: S105  (printed for everyone to use)


@dataclass(frozen=True)
class Part:
    """One account: its role in the demo project and the field it is verified in."""

    email: str
    name: str
    role: Role | None
    field: str = ""
    signs_in: bool = False


FIELDS = {
    "medicine": "Medicine",
    "law": "Law",
    "mathematics": "Mathematics",
    "software": "Software",
}

PARTS = (
    Part("writer@example.org", "Demo writer", Role.WRITER, "medicine", signs_in=True),
    Part("expert@example.org", "Demo expert reviewer", Role.EXPERT, "medicine", signs_in=True),
    Part("format@example.org", "Demo format reviewer", Role.FORMAT, signs_in=True),
    Part("admin@example.org", "Demo administrator", None, signs_in=True),
    *(
        Part(f"{field}-writer@example.org", f"Demo writer ({name.lower()})", Role.WRITER, field)
        for field, name in FIELDS.items()
    ),
    *(
        Part(f"{field}-format@example.org", f"Demo format reviewer ({name.lower()})", Role.FORMAT)
        for field, name in FIELDS.items()
        if field != "medicine"
    ),
    *(
        Part(
            f"{field}-expert@example.org",
            f"Demo expert reviewer ({name.lower()})",
            Role.EXPERT,
            field,
        )
        for field, name in FIELDS.items()
        if field != "medicine"
    ),
)
