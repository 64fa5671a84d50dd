"""What stands in a release is what the common libraries give back: datasets, pandas, pyarrow."""

import json

import pandas
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exports.parquet import GroupWriter, Objects, Shape
from exports.records import Record
from tests.exports.directory import write_release
from tests.exports.hard import HARD, TOOLS, call, result
from tests.exports.samples import SAMPLES, message, plain, record, with_pair, with_system

datasets = pytest.importorskip("datasets")

DOSES = {"small": 0.3, "list": [0.57, 1e-7, 2], "like a number": "0.3", "a.b": {"": True}}


def dosed():
    """A record whose arguments hold decimals that a common JSON reader takes for others."""
    return record(
        [
            message(1, "user", "How much?"),
            message(2, "assistant", "", tool_calls=[call(1, DOSES)]),
            result(3, "{}", 1),
            message(4, "assistant", "15 mg."),
        ],
        start=1,
        tools=TOOLS,
    )


def unlike():
    """Plain records first and all that has more keys behind them, each once."""
    first = [plain(f"Answer {n}. " + "x" * 200) for n in range(20)]
    return [*first, with_system(), dosed(), *SAMPLES.values(), *HARD.values()]


def numbered(records, start=0):
    return [{**one.data, "record_id": f"r-{n}"} for n, one in enumerate(records, start)]


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    by_split = {
        "train": numbered(unlike()),
        "validation": numbered([plain("One alone.")], 900),
        "test": numbered([dosed()], 901),
    }
    target = tmp_path_factory.mktemp("release")
    return write_release(by_split, target, Ed25519PrivateKey.generate())


@pytest.fixture
def load(tmp_path):
    """`datasets.load_dataset` with a cache of its own, in pieces of two thousand bytes."""

    def loaded(*named, small=True, **options):
        extra = {"chunksize": 2000} if small else {}
        return datasets.load_dataset(*named, cache_dir=str(tmp_path / "cache"), **extra, **options)

    return loaded


def canonical(release, split):
    return [
        json.loads(line)
        for path in sorted(release.glob(f"records/{split}-*"))
        for line in path.read_text().split("\n")
        if line
    ]


def told(record):
    """[(role, words, [arguments])] as they were written."""
    return [
        (
            m["role"],
            "".join(part.get("text", "") for part in m["parts"]),
            [c["arguments"] for c in m.get("tool_calls", [])],
        )
        for m in record["messages"]
    ]


def shown(messages):
    return [
        (
            m["role"],
            m["content"],
            [_object(c["function"]["arguments"]) for c in m.get("tool_calls") or []],
        )
        for m in messages
    ]


def _object(arguments):
    return json.loads(arguments) if isinstance(arguments, str) else arguments


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("name", ["default", "objects"])
def test_both_configurations_give_back_what_was_written(release, load, name, streaming):
    found = load(str(release), name, small=False, streaming=streaming)
    assert list(found) == ["train", "validation", "test"]
    for split in found:
        rows, records = list(found[split]), canonical(release, split)
        assert [row["record_id"] for row in rows] == [r["record_id"] for r in records]
        for row, one in zip(rows, records, strict=True):
            # 1e300 and longer are beyond what that library reads exactly; none stands here but one.
            if name == "default" or "1e+300" not in json.dumps(one):
                assert shown(row["messages"]) == told(one), row["record_id"]


@pytest.mark.parametrize("name", ["data", "objects"])
def test_plain_readers_of_parquet_take_every_row(release, name):
    for split in ("train", "validation", "test"):
        (path,) = release.glob(f"{name}/{split}-*.parquet")
        records = canonical(release, split)
        frame = pandas.read_parquet(path)
        assert list(frame["record_id"]) == [r["record_id"] for r in records]
        for row, one in zip(pq.read_table(path).to_pylist(), records, strict=True):
            turns = [_object(turn) for turn in row["messages"]]
            assert shown(turns) == told(one)


@pytest.mark.parametrize("name", ["default", "objects"])
def test_parts_that_must_not_train_stand_in_both_configurations(release, load, name):
    rows = load(str(release), name, small=False)["train"]
    for row, one in zip(rows, canonical(release, "train"), strict=True):
        found = [m.get("spans") or [] for m in row["messages"]]
        assert found == [m.get("spans", []) for m in one["messages"]], row["record_id"]


@pytest.mark.parametrize("name", ["data", "objects"])
def test_the_weight_that_a_mixture_gives_stands_in_parquet(tmp_path, name):
    half = plain("Half.").data
    half = {**half, "training": {**half["training"], "sample_weight": 0.5}}
    write_release([half, plain("Whole.").data], tmp_path, Ed25519PrivateKey.generate())
    (path,) = tmp_path.glob(f"{name}/train-*.parquet")
    assert pq.read_table(path)["sample_weight"].to_pylist() == [0.5, 1.0]


# Files that their consumers load by name, and folders that they load as a whole.
FILES = ["axolotl", "swift", "llamafactory", "sharegpt", "alpaca", "torchtune", "dolly"]
FOLDERS = ["trl", "trl-prompt-completion", "dpo"]


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("slug", FILES)
def test_what_first_comes_late_in_a_file_does_not_stop_its_reader(release, load, slug, streaming):
    (path,) = (release / "formats" / slug).glob("train.*")
    wanted = rows_of(path)
    found = load("json", data_files=str(path), split="train", streaming=streaming)
    assert [without_nulls(row) for row in found] == [without_nulls(row) for row in wanted]


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("slug", FOLDERS)
def test_a_folder_states_its_types(release, load, slug, streaming):
    folder = release / "formats" / slug
    for split, rows in load(str(folder), streaming=streaming).items():
        wanted = rows_of(folder / f"{split}.jsonl")
        assert [without_nulls(row) for row in rows] == [without_nulls(row) for row in wanted]


def test_pairs_without_figures_may_come_first(tmp_path, load):
    bare, full = with_pair(), with_pair()
    full = record(
        full.messages,
        alternatives=[
            {**full.data["alternatives"][0], "reason_codes": ["accuracy"], "edit_distance": 0.25}
        ],
    )
    many = numbered([bare] * 20 + [full])
    write_release(many, tmp_path / "release", Ed25519PrivateKey.generate())
    rows = load(str(tmp_path / "release/formats/dpo"))["train"]
    assert rows[20]["reason_codes"] == ["accuracy"]
    assert rows[20]["edit_distance"] == 0.25
    assert rows[0]["reason_codes"] == []


def rows_of(path):
    text = path.read_text()
    return json.loads(text) if path.suffix == ".json" else list(map(json.loads, text.splitlines()))


def without_nulls(value):
    """A struct shows every key in every row: what is null was not there."""
    if isinstance(value, dict):
        return {k: without_nulls(part) for k, part in value.items() if part is not None}
    return [without_nulls(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", sorted(HARD))
def test_a_release_of_one_record_loads(tmp_path, load, name):
    write_release(numbered([HARD[name]]), tmp_path / "release", Ed25519PrivateKey.generate())
    (row,) = load(str(tmp_path / "release"), "default", small=False)["train"]
    assert shown(row["messages"]) == told(HARD[name].data)


def test_answers_that_are_dates_come_back_as_texts(tmp_path, load):
    many = numbered([plain("2026-01-02"), plain("2026-01-03T04:05:06Z")])
    write_release(many, tmp_path / "release", Ed25519PrivateKey.generate())
    rows = load(str(tmp_path / "release"), "default", small=False)["train"]
    assert [row["messages"][1]["content"] for row in rows] == ["2026-01-02", "2026-01-03T04:05:06Z"]
    told_of = json.loads((tmp_path / "release/formats/report.json").read_text())["formats"]
    assert told_of["alpaca"]["total"]["left_out"] == {
        "an answer that is a date alone, which loaders turn into a time": 2
    }


KEYS = st.text(max_size=5)
NUMBERS = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.decimals(min_value=-1000, max_value=1000, places=4).map(float),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)


@given(many=st.lists(st.dictionaries(KEYS, VALUES, max_size=4), min_size=1, max_size=6))
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_arguments_come_back_from_objects_key_by_key(tmp_path, many):
    path = tmp_path / "objects.parquet"
    writer = GroupWriter(Objects(Shape(tools=True)), path)
    for arguments in many:
        writer.add(
            Record(
                {
                    **dosed().data,
                    "messages": [
                        message(1, "user", "Go."),
                        message(2, "assistant", "", tool_calls=[call(1, arguments)]),
                    ],
                }
            )
        )
    writer.close()
    table = pq.read_table(path)
    decode = datasets.features.Json().decode_example
    for row, arguments in zip(table["messages"].to_pylist(), many, strict=True):
        (made,) = decode(row[1])["tool_calls"]
        assert json.dumps(made["function"]["arguments"]) == json.dumps(arguments)
