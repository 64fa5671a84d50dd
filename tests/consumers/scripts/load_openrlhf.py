"""OpenRLHF's own SFT data set: prompt and completion, and whole conversations.

Its package imports Ray and DeepSpeed on the way; the modules that read data need neither and come alone.
"""

import importlib
import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from types import ModuleType, SimpleNamespace

from common import fits, records, rows, tell
from transformers import AutoTokenizer

from exports.preview import builtin

folder = Path(tempfile.mkdtemp())
builtin.write(folder)
tokenizer = AutoTokenizer.from_pretrained(folder)
END = "<|im_end|>"
HEAD = "\n<|im_start|>assistant\n"

home = Path(importlib.util.find_spec("openrlhf").submodule_search_locations[0])
for name, place in {
    "openrlhf": home,
    "openrlhf.utils": home / "utils",
    "openrlhf.datasets": home / "datasets",
}.items():
    empty = ModuleType(name)
    empty.__path__ = [str(place)]
    sys.modules[name] = empty
reading = importlib.import_module("openrlhf.datasets.utils")
training = importlib.import_module("openrlhf.datasets.sft_dataset")


def trained(path, several, **keys):
    """What of each row trains, as its data set masks it."""
    asked = SimpleNamespace(apply_chat_template=True, **keys)
    strategy = SimpleNamespace(
        args=SimpleNamespace(data=asked, use_ms=False),
        print=lambda *_: None,
        is_rank_0=lambda: True,
    )
    data = reading.blending_datasets(str(path), None, strategy)
    made = training.SFTDataset(data, tokenizer, 8192, strategy, num_processors=1, multiturn=several)
    for ids, _, mask in (made[place] for place in range(len(made))):
        held = ids[0].tolist()
        yield tokenizer.decode([i for i, m in zip(held[1:], mask[0].tolist(), strict=False) if m])


def checked(slug, key, several, **keys):
    """Rows without tools, since the data set passes none on, and short enough for any limit."""

    written = [
        row
        for row in rows(f"formats/{slug}/train.jsonl")
        if fits(row) and not row.get("tools") and "tool_calls" not in json.dumps(row)
    ]
    part = folder / f"{slug}.jsonl"
    part.write_text("".join(json.dumps(row) + "\n" for row in written))
    for row, found in zip(written, trained(part, several, **keys), strict=True):
        turns = [turn["content"] for turn in row[key] if turn["role"] == "assistant"]
        wanted = "".join(text + END for text in turns)
        shown = found.replace(HEAD, "").replace(END + "\n", END)
        assert shown.removesuffix("\n") == wanted.replace(END + "\n", END), (slug, found, wanted)
    return len(written)


assert records()
took = {
    "trl-prompt-completion": checked(
        "trl-prompt-completion", "completion", False, input_key="prompt", output_key="completion"
    ),
    "trl": checked("trl", "messages", True, input_key="messages", output_key=None),
}
tell(openrlhf="0.11.2", rows=took)
