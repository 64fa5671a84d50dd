"""axolotl: its chat_template strategy, set up by the release's own dataset.yaml, trains what the marks say."""

import tempfile
from pathlib import Path

import datasets
import yaml
from axolotl.prompt_strategies.chat_template import load
from axolotl.utils.dict import DictDefault
from common import RELEASE, records, said, tell
from transformers import AutoTokenizer

from exports.preview import builtin

END = "<|im_end|>"
folder = Path(tempfile.mkdtemp())
builtin.write(folder)
tokenizer = AutoTokenizer.from_pretrained(folder)
(block,) = yaml.safe_load((RELEASE / "formats/axolotl/dataset.yaml").read_text())["datasets"]
cfg = DictDefault({"train_on_inputs": False, "sequence_len": 8192, "eot_tokens": [END]})
strategy = load(tokenizer, cfg, block | {"chat_template": "tokenizer_default"})
# As it loads the file itself, but in small pieces: what first comes late must not stop it.
path = RELEASE / "formats/axolotl" / block["path"]
found = datasets.load_dataset(block["ds_type"], data_files=str(path), split="train", chunksize=2000)


def wanted(record):
    trained = [m for m in record["messages"] if m["train"] and m["weight"]]
    return "".join(said(message) + END for message in trained)


# A record that axolotl's rows cannot say is left out; the others stand in the order of the records.
held = [
    r
    for r in records()
    if not r["attachments"] and all(m["weight"] in (0, 1) for m in r["messages"])
]
assert len(found) == len(held)
exact = 0
for row, record in zip(found, held, strict=True):
    made = strategy.tokenize_prompt(dict(row))
    trained = tokenizer.decode([label for label in made["labels"] if label != -100])
    assert trained, record["record_id"]
    if not any("spans" in message for message in record["messages"]):
        assert trained == wanted(record), (record["record_id"], trained, wanted(record))
        exact += 1
tell(rows=len(found), trained_tokens_exact=exact, datasets=datasets.__version__)
