"""Render records with a tokenizer, in a process of its own: `python -m exports.preview.render FOLDER`.

A chat template is a program by a stranger. transformers runs it in a sandbox without files, and this
process has a limit of time and memory on top; its parent kills it when it takes longer.
Reads one JSON request from standard input, writes one JSON answer to standard output.
"""

import json
import resource
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import orjson

MEMORY_BYTES = 4 << 30
CPU_SECONDS = 60

Json = dict[str, Any]


def main() -> int:
    """Answer the request on standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    request = orjson.loads(sys.stdin.buffer.read())
    try:
        tokenizer = load(sys.argv[1], request.get("chat_template") or "")
    except Exception as error:  # noqa: BLE001  (whatever a stranger's files make it raise)
        answer: Json = {"problem": f"The tokenizer cannot be loaded: {first_line(error)}"}
    else:
        answer = {"records": [render(tokenizer, r, request["limit"]) for r in request["records"]]}
    sys.stdout.buffer.write(orjson.dumps(answer))
    return 0


def load(folder: str, chat_template: str) -> Any:
    """The tokenizer in `folder`, by transformers' own loader: local files, no code of theirs."""
    from transformers import AutoTokenizer, PreTrainedTokenizerFast  # noqa: PLC0415  (slow import)

    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except (ValueError, OSError, KeyError):
        # A bare tokenizer.json names no class; the generic one reads it.
        generic: Any = PreTrainedTokenizerFast
        tokenizer = generic(tokenizer_file=f"{folder}/tokenizer.json")
    if chat_template:
        tokenizer.chat_template = chat_template
    if not tokenizer.chat_template:
        message = "there is no chat template; upload one with it"
        raise ValueError(message)
    return tokenizer


def render(tokenizer: Any, record: Json, limit: int) -> Json:
    """One record as tokens: runs of text with their marks, counts, and what deviates."""
    try:
        made = tokenizer.apply_chat_template(
            record["messages"],
            tools=record["tools"] or None,
            tokenize=True,
            return_dict=True,
            return_assistant_tokens_mask=True,
        )
        text = tokenizer.apply_chat_template(
            record["messages"], tools=record["tools"] or None, tokenize=False
        )
    except Exception as error:  # noqa: BLE001  (templates raise what they like)
        return {
            "record_id": record["record_id"],
            "problem": f"The template refuses it: {first_line(error)}",
        }
    ids, mask = list(made["input_ids"]), list(made["assistant_masks"])
    return {
        "record_id": record["record_id"],
        "runs": list(runs(tokenizer, ids, mask, limit)),
        "tokens": len(ids),
        "trained": sum(mask),
        "cut": max(0, len(ids) - limit),
        "trained_cut": sum(mask[limit:]),
        "first": [[token, tokenizer.decode([token])] for token in ids[:5]],
        "deviations": (told := deviations(tokenizer, record, text, ids, mask, limit)),
        "beyond_cut": len(told) > len(list(_cut_faults(ids, mask, limit))),
    }


def runs(tokenizer: Any, ids: list[int], mask: list[int], limit: int) -> Iterator[Json]:
    """Neighbouring tokens with the same marks as one piece of text; special tokens stand alone."""
    special = set(tokenizer.all_special_ids)
    marked = [
        (bool(trained), token in special, place >= limit, token)
        for place, (token, trained) in enumerate(zip(ids, mask, strict=True))
    ]
    for (trained, is_special, cut), group in groupby(marked, key=lambda m: m[:3]):
        tokens = [m[3] for m in group]
        yield {
            "text": tokenizer.decode(tokens),
            "trained": trained,
            "special": is_special,
            "cut": cut,
            "tokens": len(tokens),
        }


def deviations(
    tokenizer: Any, record: Json, text: str, ids: list[int], mask: list[int], limit: int
) -> list[str]:
    """What a trainer would silently do to this record, each as a sentence."""
    return [
        *_mask_faults(tokenizer, ids, mask),
        *_start_faults(tokenizer, ids),
        *_cut_faults(ids, mask, limit),
        *_text_faults(record["messages"], text),
        *_tool_faults(record, text),
        *_control_faults(tokenizer, record["messages"]),
    ]


def _mask_faults(tokenizer: Any, ids: list[int], mask: list[int]) -> Iterator[str]:
    if not any(mask):
        yield "0 tokens train: the template has no generation marks, so an assistant-only loss learns nothing."
        return
    special = set(tokenizer.all_special_ids)
    for place, token in enumerate(ids[1:], 1):
        if mask[place - 1] and not mask[place]:
            if token in special:
                end = tokenizer.decode([token])
                yield f"The end of the turn ({end}) is outside the loss: the model never learns to stop."
                return
            if ids[place - 1] not in special:
                yield "A turn ends without an end mark inside the loss: the model never learns to stop."
                return


def _start_faults(tokenizer: Any, ids: list[int]) -> Iterator[str]:
    start = tokenizer.bos_token_id
    if start is None:
        return
    if ids[:2] == [start, start]:
        yield "The beginning token stands twice."
    elif start not in ids[:1] and getattr(tokenizer, "add_bos_token", False):
        yield "The beginning token is missing, although the tokenizer asks for it."


def _cut_faults(ids: list[int], mask: list[int], limit: int) -> Iterator[str]:
    if len(ids) <= limit:
        return
    yield f"{len(ids) - limit} tokens lie beyond the limit of {limit} and are cut."
    if any(mask) and not any(mask[:limit]):
        yield "No trained token is left: the trainer drops the whole record without a word."
    elif any(mask[limit:]):
        yield "The end of the response is cut, and with it the mark by which a model learns to stop."


def _text_faults(messages: Sequence[Json], text: str) -> Iterator[str]:
    for message in messages:
        words = message.get("content") or ""
        if not words or words in text:
            continue
        if words.strip() in text:
            yield f"The template trims white space of the {message['role']}'s message."
        else:
            yield f"The {message['role']}'s message is not in the rendered text as it was written."
    if messages[0]["role"] != "system":
        before = text.partition(messages[0].get("content") or "")[0]
        if sum(character.isalpha() for character in before) > 40 and "{" not in before:
            yield "The template adds a system text of its own."


def _tool_faults(record: Json, text: str) -> Iterator[str]:
    for tool in record["tools"] or []:
        if tool["function"]["name"] not in text:
            yield f"The definition of tool {tool['function']['name']} is not rendered."
    for message in record["messages"]:
        for call in message.get("tool_calls", []):
            arguments = call["function"]["arguments"]
            if call["function"]["name"] not in text:
                yield f"The call of {call['function']['name']} is not rendered."
            elif arguments and json.dumps(json.dumps(arguments)) in text:
                yield f"The arguments of {call['function']['name']} are quoted twice."


def _control_faults(tokenizer: Any, messages: Sequence[Json]) -> Iterator[str]:
    added = {str(one) for one in tokenizer.added_tokens_decoder.values() if one.special}
    controls = sorted(token for token in {*added, *tokenizer.all_special_tokens} if len(token) > 2)
    for message in messages:
        found = [token for token in controls if token in (message.get("content") or "")]
        if found:
            told = ", ".join(found[:3])
            yield f"The {message['role']}'s text spells {told}, which tokenizes as the real control token."


def first_line(error: BaseException) -> str:
    """The first line of an error, short enough for a page."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


if __name__ == "__main__":
    sys.exit(main())
