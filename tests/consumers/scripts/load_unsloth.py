"""Unsloth: its standard form keeps every text; its response mask trains the assistant's turns; two steps."""

import tempfile
from pathlib import Path

import unsloth  # isort: skip  (it patches the others and wants to come first)
from common import fits, rows, tell
from datasets import Dataset
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM
from trl import SFTConfig, SFTTrainer
from unsloth.chat_templates import standardize_data_formats, train_on_responses_only

from exports.preview import builtin

folder = Path(tempfile.mkdtemp())
builtin.write(folder)
tokenizer = AutoTokenizer.from_pretrained(folder)
# It knows no tool turns and raises at them.
KNOWN = {"system", "human", "gpt"}
given = [
    {"conversations": row["conversations"]}
    for row in rows("formats/sharegpt/train.jsonl")
    if {turn["from"] for turn in row["conversations"]} <= KNOWN
    and fits(row["conversations"])
    # Its mask looks for marker strings, so a text that spells them confuses it.
    and not any("<|im_start|>" in turn["value"] for turn in row["conversations"])
]
standard = standardize_data_formats(Dataset.from_list(given))
for row, one in zip(given, standard, strict=True):
    assert [t["value"] for t in row["conversations"]] == [
        m["content"] for m in one["conversations"]
    ]


def text(row):
    return {"text": tokenizer.apply_chat_template(row["conversations"], tokenize=False)}


data = standard.map(text, remove_columns=standard.column_names)
size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1}
model = LlamaForCausalLM(
    LlamaConfig(
        vocab_size=len(tokenizer), max_position_embeddings=4096, num_attention_heads=2, **size
    )
)
config = SFTConfig(
    output_dir=str(folder / "out"), max_steps=2, per_device_train_batch_size=2, report_to=[], use_cpu=True,
    max_length=4096, save_strategy="no", bf16=False, dataset_text_field="text",
)  # fmt: skip
trainer = SFTTrainer(model=model, args=config, train_dataset=data, processing_class=tokenizer)
trainer = train_on_responses_only(
    trainer, instruction_part="<|im_start|>user\n", response_part="<|im_start|>assistant\n"
)
for row, made in zip(given, trainer.train_dataset, strict=True):
    trained = tokenizer.decode([label for label in made["labels"] if label != -100])
    for turn in row["conversations"]:
        assert (turn["value"] in trained) >= (turn["from"] == "gpt"), trained
assert trainer.train().global_step == 2
tell(rows=len(given), unsloth=unsloth.__version__)
