"""How people appear in addresses."""

from django.urls import register_converter


class Pseudonym:
    """`p-` and eight characters: says nothing about who it is."""

    regex = "p-[a-z0-9]{8}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Pseudonym, "pseudonym")
