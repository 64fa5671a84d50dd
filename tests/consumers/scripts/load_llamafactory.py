"""LLaMA-Factory: its own loader and converter take every row, and drop none."""

import importlib.machinery
import json
import sys
import types

# Its loader imports torchaudio for sound alone; the wheel that fits this torch is not needed for text.
audio = types.ModuleType("torchaudio")
audio.__spec__ = importlib.machinery.ModuleSpec("torchaudio", None)
sys.modules["torchaudio"] = audio

from common import RELEASE, rows, tell
from llamafactory.data.converter import align_dataset
from llamafactory.data.loader import _load_single_dataset
from llamafactory.data.parser import get_dataset_list
from llamafactory.hparams import DataArguments, ModelArguments
from transformers import Seq2SeqTrainingArguments

found = {}
for folder in ("llamafactory", "alpaca"):
    home = RELEASE / "formats" / folder
    names = list(json.loads((home / "dataset_info.json").read_text()))
    for attributes in get_dataset_list(names, str(home)):
        loaded = _load_single_dataset(
            attributes,
            ModelArguments(model_name_or_path="none"),
            DataArguments(dataset_dir=str(home)),
            Seq2SeqTrainingArguments(output_dir="out"),
        )
        wanted = (
            json.loads((home / attributes.dataset_name).read_text())
            if folder == "alpaca"
            else rows(f"formats/{folder}/{attributes.dataset_name}")
        )
        assert len(loaded) == len(wanted), (folder, attributes.dataset_name)
        for row, given in zip(loaded, wanted, strict=True):
            said = row["_prompt"] + row["_response"]
            assert row["_response"], "LLaMA-Factory dropped a row"
            if folder == "llamafactory":
                assert [t["content"] for t in said] == [t["value"] for t in given["conversations"]]
            else:
                assert [t["content"] for t in said] == [given["instruction"], given["output"]]
        found[f"{folder}/{attributes.dataset_name}"] = len(loaded)
assert align_dataset
tell(rows=found)
