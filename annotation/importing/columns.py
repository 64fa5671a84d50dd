"""Which column is what: the fields of an instruction, and a sensible guess from names and values."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotation.importing.conversation import is_conversation
from annotation.importing.files import names_files


@dataclass(frozen=True)
class Field:
    """One thing an instruction has; `names` are what columns that hold it are often called."""

    name: str
    label: str
    help: str
    names: tuple[str, ...]


FIELDS = (
    Field("messages", "Conversation", "Several messages with roles; the last answer is left out.",
          ("messages", "conversations", "conversation", "dialog", "dialogue", "turns", "chat",
           "question")),
    Field("instruction", "Instruction", "What is asked.",
          ("instruction", "instructions", "prompt", "question", "query", "task", "problem", "request", "ask",
           "user", "user_message", "text", "input")),
    Field("context", "Input", "Text that belongs to the question; set below it.",
          ("input", "claim", "policy", "premise", "scenario", "facts")),
    Field("system", "Setting for the model", "A system message.", ("system", "system_prompt", "system_message")),
    Field("history", "Earlier turns", "Pairs of question and answer.", ("history", "past", "previous_turns")),
    Field("evidence", "Evidence", "Material to answer from, shown beside the question.",
          ("evidence", "context", "contexts", "passage", "passages", "documents", "document", "references",
           "sources", "background", "paragraphs", "table", "clause", "text")),
    Field("attachments", "Images and PDFs", "Paths of files that come with the rows, shown beside the question.",
          ("attachments", "attachment", "images", "image", "image_path", "figures", "pdf")),
    Field("requirements", "Requirements", "Explicit asks, one a line.",
          ("requirements", "asks", "criteria", "constraints")),
    Field("domain", "Field of expertise", "The path or name of a field.",
          ("domain", "field", "subject", "discipline", "specialty", "topic")),
    Field("language", "Language", "A tag like en or pt-BR.", ("language", "lang", "locale")),
    Field("difficulty", "Difficulty", "1 to 5, or easy, medium, hard.", ("difficulty", "level")),
    Field("task_type", "Kind of task", "A word of your own.",
          ("task_type", "category", "type", "question_type", "act")),
    Field("tags", "Tags", "A list, or words between commas.", ("tags", "keywords", "meshes")),
    Field("external_id", "Identifier", "How the row is called where it comes from.",
          ("external_id", "id", "task_id", "question_id", "prompt_id", "uid", "uuid", "qid", "message_id",
           "dialogue_id", "document_id", "key", "index")),
    Field("tools", "Tools", "Tool schemas as JSON.", ("tools", "functions", "function")),
    Field("target_kind", "Shape of the response", "text, messages, json, tool_calls or trajectory.",
          ("target_kind",)),
    Field("target_schema", "Schema of the response", "A JSON Schema.", ("target_schema", "response_schema")),
    Field("responses_wanted", "Responses wanted", "A number.", ("responses_wanted",)),
    Field("priority", "Priority", "A number; higher comes first.", ("priority",)),
    Field("source", "Source", "Where the row comes from.", ("source", "url", "source_url")),
    Field("rights", "Rights", "A licence, or an object.", ("rights", "license", "licence")),
)  # fmt: skip
TOGETHER = " + "  # between columns that hold one field together
ASKED_IN = {
    "messages",
    "instruction",
    "context",
    "evidence",
}  # these may stand in a list of the record
BY_NAME = {one.name: one for one in FIELDS}
_NAMES = frozenset(name for one in FIELDS for name in one.names)

_PLAIN = {
    "instruction", "context", "system", "domain", "task_type", "language", "external_id", "difficulty", "source",
}  # fmt: skip

# Answers. Responses are written here by people, never imported, so these columns are left where they are.
ANSWERS = {
    "output", "outputs", "response", "responses", "answer", "answers", "completion", "target", "targets",
    "chosen", "rejected", "solution", "code", "gold", "label_text", "best_answer", "correct_answers",
    "incorrect_answers", "long_answer", "final_decision", "reference", "reference_answer", "ground_truth",
    "canonical_solution", "completion_a", "completion_b",
}  # fmt: skip

# What people may also write for FIELD in --map FIELD=COLUMN.
_ALIASES = {
    "prompt": "instruction",
    "question": "instruction",
    "input": "context",
    "id": "external_id",
    "category": "task_type",
    "type": "task_type",
    "conversation": "messages",
    "lang": "language",
    "files": "attachments",
    "file": "attachments",
}


def field_named(word: str) -> Field | None:
    """The field a person means, by its name or a usual other word."""
    word = word.strip().lower().replace("-", "_")
    return BY_NAME.get(_ALIASES.get(word, word))


@dataclass
class Guess:
    """What the columns seem to be. `answers` are columns with responses, `unused` the rest."""

    columns: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def guessed(columns: Mapping[str, Any], chosen: Mapping[str, str]) -> Guess:
    """Match columns to fields; `columns` maps each path to a sample, `chosen` is decided already.

    A conversation and a plain instruction exclude each other; the shallowest column of a name wins.
    """
    found = Guess(columns=dict(chosen))
    taken = {path for together in chosen.values() for path in together.split(TOGETHER)}
    ordered = sorted(
        columns, key=lambda path: (path.count(".") + path.count("["), _place(path, columns))
    )
    for one in FIELDS:
        if one.name in found.columns or _excluded(one.name, found.columns):
            continue
        fitting = [
            path
            for name in one.names
            for path in ordered
            if _last(path) == name
            and path not in taken
            and _holds(one.name, columns[path])
            and _reachable(one.name, path, found.columns)
            and not _part_of_another(one.name, path)
        ]
        if fitting:
            # Evidence may stand in several columns, a text and a table for instance.
            used = _apart(fitting) if one.name == "evidence" else fitting[:1]
            found.columns[one.name] = TOGETHER.join(used)
            taken.update(used)
    _settle(found, columns, taken)
    return found


def more_evidence(columns: Mapping[str, Any], chosen: Mapping[str, str]) -> list[str]:
    """Columns that hold evidence beside those `chosen` for it: what bears no other field's name as well."""
    used = [path for together in chosen.values() for path in together.split(TOGETHER)]
    others = {name for one in FIELDS if one.name != "evidence" for name in one.names}
    return _apart(
        [
            path
            for path, sample in columns.items()
            if _last(path) in BY_NAME["evidence"].names
            and _last(path) not in others
            and _holds("evidence", sample)
            and _reachable("evidence", path, chosen)
            and not _part_of_another("evidence", path)
            and not touches(path, used)
        ]
    )


def bears_a_known_name(path: str) -> bool:
    """Whether columns that hold some field are often called so."""
    return _last(path) in _NAMES


def lies_in(path: str, containers: Collection[str]) -> bool:
    """Whether a column is a part of one of these."""
    return any(path.startswith((f"{other}.", f"{other}[]")) for other in containers)


def touches(path: str, used: Collection[str]) -> bool:
    """Whether a column is one of these, lies in one or holds one."""
    return path in used or lies_in(path, used) or any(lies_in(other, [path]) for other in used)


def holds_answers(path: str) -> bool:
    """Whether a column is called like those that hold responses."""
    return _last(path) in ANSWERS


def _apart(paths: list[str]) -> list[str]:
    """Without what lies inside another one."""
    return [path for path in paths if not lies_in(path, paths)]


def _excluded(name: str, columns: Mapping[str, str]) -> bool:
    return (name == "instruction" and "messages" in columns) or (
        name == "messages" and "instruction" in columns
    )


def _reachable(name: str, path: str, columns: Mapping[str, str]) -> bool:
    """Whether a record has one value there: a column inside a list only goes with what is asked there."""
    if name == "evidence" and _last(path) == "text" and "messages" in columns:
        return False  # the text of a message is in the conversation already
    if "[]" not in path or name in ASKED_IN:
        return True
    asked = columns.get("instruction") or columns.get("context") or ""
    return "[]" in asked and path.rpartition("[]")[0] == asked.rpartition("[]")[0]


# Fields whose columns hold objects: what lies in those belongs to them.
_CONTAINERS = {"requirements", "tools", "target_schema", "attachments"}


def _part_of_another(name: str, path: str) -> bool:
    root = path.partition(".")[0].removesuffix("[]").lower()
    return root != path and root in _CONTAINERS - {name}


def _place(path: str, columns: Mapping[str, Any]) -> int:
    return list(columns).index(path)


def _last(path: str) -> str:
    return (
        path.replace("[]", "")
        .rpartition(".")[2]
        .strip()
        .lower()
        .replace(" ", "_")
        .replace("-", "_")
    )


def _holds(name: str, sample: Any) -> bool:
    """Whether a value of this kind can be what the field wants; nothing is known from an empty one."""
    if sample is None:
        return name not in {"messages", "attachments"}
    if name == "attachments":
        return names_files(sample)
    if name == "messages":
        return is_conversation(sample) or (
            isinstance(sample, list) and bool(sample) and isinstance(sample[0], str)
        )
    if name == "evidence":
        return isinstance(sample, str) or (
            isinstance(sample, list) and all(_readable(part) for part in sample[:3])
        )
    if name in _PLAIN:
        return isinstance(sample, (str, int, float))
    return name != "tools" or isinstance(sample, (list, str))


def _readable(part: Any) -> bool:
    return isinstance(part, (str, list)) or (isinstance(part, Mapping) and "text" in part)


def _settle(found: Guess, columns: Mapping[str, Any], taken: set[str]) -> None:
    """Sort what is left into answers and unused, the outermost of each; what holds a used column, or lies
    in one, is neither."""
    for path in columns:
        said = [*taken, *found.answers, *found.unused]
        if path in taken or lies_in(path, said) or any(lies_in(other, [path]) for other in taken):
            continue
        (found.answers if holds_answers(path) else found.unused).append(path)
