"""mistral-common: every row passes its validators in fine-tuning mode, oldest and newest."""

from common import rows, tell
from mistral_common.protocol.instruct.messages import (
    FinetuningAssistantMessage,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from mistral_common.protocol.instruct.validator import (
    MistralRequestValidator,
    MistralRequestValidatorV3,
    MistralRequestValidatorV13,
    ValidationMode,
)

SAID_BY = {
    "system": SystemMessage,
    "user": UserMessage,
    "assistant": FinetuningAssistantMessage,
    "tool": ToolMessage,
}
checked = {}
found = rows("formats/mistral/train.jsonl")
for kind in (MistralRequestValidator, MistralRequestValidatorV3, MistralRequestValidatorV13):
    validator = kind(mode=ValidationMode.finetuning)
    for row in found:
        validator.validate_messages([SAID_BY[m["role"]](**m) for m in row["messages"]])
    checked[kind.__name__] = len(found)
tell(checked=checked)
