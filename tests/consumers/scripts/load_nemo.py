"""NeMo AutoModel: its chat data set reads every row; the assistant's words and ends alone train."""

import tempfile
from pathlib import Path

from common import RELEASE, rows, tell
from nemo_automodel.components.datasets.llm.chat_dataset import ChatDataset
from transformers import AutoTokenizer

from exports.preview import builtin

folder = Path(tempfile.mkdtemp())
builtin.write(folder)
tokenizer = AutoTokenizer.from_pretrained(folder)
wanted = rows("formats/nemo/train.jsonl")
loaded = ChatDataset(str(RELEASE / "formats/nemo/train.jsonl"), tokenizer, unshifted=True)
assert len(loaded) == len(wanted)
for number, row in enumerate(wanted):
    made = loaded[number]
    mask = made.get("loss_mask")
    labels = made["input_ids"] if mask else made["labels"]
    kept = [t for t, on in zip(labels, mask or [t != -100 for t in labels], strict=True) if on]
    trained = tokenizer.decode(kept)
    said = [m["content"] for m in row["messages"] if m["role"] == "assistant"]
    asked = [m["content"] for m in row["messages"] if m["role"] == "user"]
    assert all(words in trained for words in said), (number, trained)
    assert trained.count("<|im_end|>") >= len(said), (number, trained)
    assert not any(words in trained for words in asked if words not in "".join(said)), number
tell(rows=len(loaded))
