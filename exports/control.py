"""Control tokens of chat templates that somebody typed: a tokenizer takes them for the real thing.

The text is theirs and stays as it is. What it spells is noted when a record is frozen, so that pages
can count it for any tokenizer that is uploaded later.
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson

_KNOWN = """
    <|im_start|> <|im_end|> <|im_sep|> <|endoftext|> <|endofprompt|>
    <|begin_of_text|> <|end_of_text|> <|start_header_id|> <|end_header_id|> <|eot_id|> <|eom_id|>
    <|python_tag|> <s> </s> <<SYS>> <</SYS>> [INST] [/INST] [SYSTEM_PROMPT] [/SYSTEM_PROMPT]
    [AVAILABLE_TOOLS] [/AVAILABLE_TOOLS] [TOOL_CALLS] [TOOL_RESULTS] [/TOOL_RESULTS] [THINK] [/THINK]
    <bos> <eos> <pad> <unk> <start_of_turn> <end_of_turn>
    <|start|> <|end|> <|message|> <|channel|> <|return|> <|call|> <|constrain|>
    <|system|> <|user|> <|assistant|> <|observation|>
    <think> </think> <tool_call> </tool_call> <tool_response> </tool_response>
    <｜begin▁of▁sentence｜> <｜end▁of▁sentence｜> <｜User｜> <｜Assistant｜>
    <|START_OF_TURN_TOKEN|> <|END_OF_TURN_TOKEN|>
"""  # noqa: RUF001  (one family spells its tokens with a wide bar)
KNOWN = frozenset(_KNOWN.split())
"""Tokens of the usual chat templates, by exact spelling."""

# Shaped like a token of any template, whether or not one is known that has it.
_SHAPED = re.compile(
    r"<\|[^\s<>|]{1,60}\|>|<｜[^\s<>｜]{1,60}｜>"  # noqa: RUF001
    r"|</?(?:s|bos|eos|pad|unk|cls|sep|mask|think|unused\d{1,4})>"
    r"|</?[A-Za-z]{1,30}_\w{1,40}>|<</?SYS>>|\[/?[A-Z][A-Z_]{1,40}\]"
)


def spelled(data: Mapping[str, Any]) -> list[str]:
    """What a record's conversation and tools spell in the shape of a control token, each once, in order."""
    text = orjson.dumps([data["messages"], data["tools"]]).decode()
    return sorted(set(_SHAPED.findall(text)))


def noticed(tokens: frozenset[str]) -> frozenset[str]:
    """Those of a tokenizer's control tokens that `spelled` looks for."""
    return frozenset(token for token in tokens if _SHAPED.fullmatch(token))
