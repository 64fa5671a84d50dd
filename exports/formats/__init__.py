"""Every training format a release carries, in the order in which reports list them."""

from collections.abc import Sequence

from exports.formats.alpaca import Alpaca
from exports.formats.axolotl import Axolotl
from exports.formats.bedrock import Bedrock
from exports.formats.dolly import Dolly
from exports.formats.dpo import Dpo
from exports.formats.gemini import Gemini
from exports.formats.llamafactory import LlamaFactory
from exports.formats.mistral import Mistral
from exports.formats.nemo import Nemo
from exports.formats.openai import OpenAI
from exports.formats.openai_preference import OpenAIPreference
from exports.formats.people_csv import PeopleCsv
from exports.formats.sharegpt import ShareGpt
from exports.formats.swift import Swift
from exports.formats.torchtune import Torchtune
from exports.formats.trl import Trl
from exports.formats.trl_prompt_completion import TrlPromptCompletion
from exports.formats.types import Format

FORMATS: tuple[Format, ...] = (
    OpenAI(),
    Trl(),
    TrlPromptCompletion(),
    Axolotl(),
    LlamaFactory(),
    ShareGpt(),
    Alpaca(),
    Mistral(),
    Gemini(),
    Swift(),
    Torchtune(),
    Nemo(),
    Bedrock(),
    Dolly(),
    PeopleCsv(),
    Dpo(),
    OpenAIPreference(),
)


def chosen(slugs: Sequence[str]) -> tuple[Format, ...]:
    """The formats of these names in the order of the list; all of them for none."""
    return tuple(entry for entry in FORMATS if entry.slug in slugs or not slugs)


def by_slug(slug: str) -> Format:
    """The format of that name; raises KeyError for one that is not listed."""
    return {entry.slug: entry for entry in FORMATS}[slug]
