"""torchtune: its message transform and its own rules take every row; all assistant turns train."""

from common import rows, tell
from torchtune.data import OpenAIToMessages, validate_messages

transform = OpenAIToMessages()
found = rows("formats/torchtune/train.jsonl")
for row in found:
    messages = transform(row)["messages"]
    validate_messages(messages)
    assert [m.text_content for m in messages] == [m["content"] for m in row["messages"]]
    assert [not m.masked for m in messages] == [m["role"] == "assistant" for m in row["messages"]]
tell(rows=len(found))
