"""TRL: two steps on a tiny model with assistant-only loss; the trained tokens are the assistant's alone."""

import json
import tempfile
from pathlib import Path

import datasets
from common import RELEASE, fits, records, rows, said, tell
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

from exports.preview import builtin

folder = Path(tempfile.mkdtemp())
builtin.write(folder)
tokenizer = AutoTokenizer.from_pretrained(folder)
END = "<|im_end|>"


def train(data, **options):
    size = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
    }
    model = LlamaForCausalLM(
        LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=4096, **size)
    )
    config = SFTConfig(
        output_dir=str(folder / "out"),
        max_steps=2,
        per_device_train_batch_size=2,
        report_to=[],
        use_cpu=True,
        max_length=4096,
        save_strategy="no",
        bf16=False,
        shuffle_dataset=False,
        **options,
    )
    trainer = SFTTrainer(model=model, args=config, train_dataset=data, processing_class=tokenizer)
    result = trainer.train()
    assert result.global_step == 2
    return trainer


def trained_text(row):
    return tokenizer.decode([label for label in row["labels"] if label != -100])


def expected(messages):
    return "".join(said(m) + END for m in messages if m["role"] == "assistant")


steps = {}
by_id = {record["record_id"]: record for record in records()}
for name in ("default", "objects"):
    data = datasets.load_dataset(str(RELEASE), name)["train"]
    plain = data.filter(lambda row: not any(m.get("tool_calls") for m in row["messages"]))
    chosen = (plain if name == "default" else data).filter(lambda row: fits(row["messages"]))
    trainer = train(chosen, assistant_only_loss=True)
    checked = 0
    for row, given in zip(trainer.train_dataset, chosen, strict=True):
        wanted = expected(by_id[given["record_id"]]["messages"])
        assert trained_text(row) == wanted, (given["record_id"], trained_text(row), wanted)
        checked += 1
    steps[name] = checked


def shown(turn):
    calls = [call["function"] for call in turn.get("tool_calls") or []]
    made = [{"name": call["name"], "arguments": call["arguments"]} for call in calls]
    return turn["content"] + "".join("\n" + json.dumps(c, ensure_ascii=False) for c in made)


def from_folder(slug, trained_in, **options):
    """Train two steps on a folder of formats; the trained tokens are those of the file, told without TRL."""
    data = datasets.load_dataset(str(RELEASE / "formats" / slug))["train"]
    written = rows(f"formats/{slug}/train.jsonl")
    places = [n for n, row in enumerate(written) if fits(row)]
    trainer = train(data.select(places), **options)
    for place, made in zip(places, trainer.train_dataset, strict=True):
        turns = [t for t in written[place][trained_in] if t["role"] == "assistant"]
        wanted = "".join(shown(turn) + END for turn in turns)
        # Where two turns of the assistant's follow each other, the head of the second trains too.
        trained = trained_text(made).replace("\n<|im_start|>assistant\n", "")
        assert trained in (wanted, wanted + "\n"), (
            slug,
            place,
            trained_text(made),
            wanted,
        )
    return len(places)


steps["formats/trl"] = from_folder("trl", "messages", assistant_only_loss=True)
# As it comes, TRL trains all that stands behind the prompt.
steps["formats/trl-prompt-completion"] = from_folder("trl-prompt-completion", "completion")


def preferences():
    """Two steps on the preference pairs; what it made of each is the file's own text."""
    data = datasets.load_dataset(str(RELEASE / "formats/dpo"))["train"]
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1}
    home = str(folder / "model")
    LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer), max_position_embeddings=4096, num_attention_heads=2, **size
        )
    ).save_pretrained(home)
    config = DPOConfig(
        output_dir=str(folder / "out"), max_steps=2, per_device_train_batch_size=2, report_to=[],
        use_cpu=True, bf16=False, save_strategy="no",
    )  # fmt: skip
    trainer = DPOTrainer(model=home, args=config, train_dataset=data, processing_class=tokenizer)
    for row, made in zip(rows("formats/dpo/train.jsonl"), trainer.train_dataset, strict=True):
        for side in ("chosen", "rejected"):
            wanted = "".join(shown(turn) + END for turn in row[side])
            assert tokenizer.decode(made[f"{side}_ids"]).strip() == wanted, (side, wanted)
    assert trainer.train().global_step == 2
    return len(data)


steps["formats/dpo"] = preferences()
tell(rows_checked_and_two_steps=steps)
