"""Every check there is, in the order in which findings are shown."""

from __future__ import annotations

from checks.catalog.citations import Citations
from checks.catalog.contamination import Contamination
from checks.catalog.copied_block import CopiedBlock
from checks.catalog.coverage import Coverage
from checks.catalog.duplicate import Duplicate
from checks.catalog.empty import Empty
from checks.catalog.evidence_copy import EvidenceCopy
from checks.catalog.format import Format
from checks.catalog.instruction_echo import InstructionEcho
from checks.catalog.invisible_characters import InvisibleCharacters
from checks.catalog.json_schema import JsonSchema
from checks.catalog.language import Language
from checks.catalog.length import Length
from checks.catalog.markdown_faults import MarkdownFaults
from checks.catalog.mixed_scripts import MixedScripts
from checks.catalog.near_duplicate import NearDuplicate
from checks.catalog.padding import Padding
from checks.catalog.personal_data import PersonalData
from checks.catalog.phrases import Phrases
from checks.catalog.reading_level import ReadingLevel
from checks.catalog.repetition import Repetition
from checks.catalog.secret import Secret
from checks.catalog.sycophancy import Sycophancy
from checks.catalog.tool_calls import ToolCalls
from checks.catalog.tool_names import ToolNames
from checks.catalog.verifiable import Verifiable
from checks.types import Check

CHECKS: tuple[Check, ...] = (
    Empty(),
    Secret(),
    PersonalData(),
    Contamination(),
    Duplicate(),
    NearDuplicate(),
    CopiedBlock(),
    JsonSchema(),
    ToolCalls(),
    ToolNames(),
    Verifiable(),
    Coverage(),
    Length(),
    Format(),
    MarkdownFaults(),
    Citations(),
    Phrases(),
    Sycophancy(),
    Padding(),
    Repetition(),
    Language(),
    ReadingLevel(),
    InstructionEcho(),
    EvidenceCopy(),
    MixedScripts(),
    InvisibleCharacters(),
)
_BY_ID = {check.id: check for check in CHECKS}


def by_id(check: str) -> Check:
    """The check of that id. Raises ``KeyError`` with the known ids."""
    try:
        return _BY_ID[check]
    except KeyError:
        raise KeyError(f"No check {check!r}; there are {', '.join(sorted(_BY_ID))}.") from None
