"""Every kind of file, every way in which it can be broken: rows come out, or a reason does."""

import gzip
import io
import json
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotation.importing.opening import opened
from annotation.importing.readers import rows_of
from annotation.importing.readers.workbook import CellError, Formula
from annotation.importing.rows import EncodingUnknown, FileRefused, Refusal, Row


def read(data, name, **options):
    return list(rows_of(opened(io.BytesIO(data), name, **options)))


def values(data, name, **options):
    return [row.values for row in read(data, name, **options)]


def jsonl(*records):
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


ROWS = [{"question": "What is a nodule?"}, {"question": "What is “scale”?"}]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (jsonl(*ROWS), "a.jsonl"),
        (b"\xef\xbb\xbf" + jsonl(*ROWS), "a.jsonl"),
        (b"\n" + jsonl(*ROWS).replace(b"\n", b"\r\n\r\n"), "a.ndjson"),
        (jsonl(*ROWS), "lines-under-the-name.json"),
        (json.dumps(ROWS).encode(), "a.json"),
        (json.dumps(ROWS, indent=2).encode("utf-16"), "a.json"),
        (json.dumps({"version": 1, "data": ROWS}).encode(), "a.json"),
        (json.dumps({"split": {"rows": ROWS}}).encode(), "a.json"),
        (gzip.compress(jsonl(*ROWS), mtime=0), "a.jsonl.gz"),
        ("question\nWhat is a nodule?\nWhat is “scale”?\n".encode(), "a.csv"),
        ("question\r\nWhat is a nodule?\r\nWhat is “scale”?\r\n".encode("utf-8-sig"), "a.csv"),
        ("question\nWhat is a nodule?\nWhat is “scale”?\n".encode("utf-16"), "a.tsv"),
    ],
)
def test_same_rows_come_from_every_kind(data, name):
    assert values(data, name) == ROWS


def test_records_of_an_object_carry_their_key():
    data = json.dumps({"17": {"q": "One?"}, "18": {"q": "Two?"}}).encode()
    assert values(data, "a.json") == [{"key": "17", "q": "One?"}, {"key": "18", "q": "Two?"}]


def test_a_list_of_texts_is_a_list_of_questions():
    assert values(b'["One?", "Two?"]', "a.json") == [{"text": "One?"}, {"text": "Two?"}]


def test_records_longer_than_a_chunk_and_brackets_in_strings_are_cut_right():
    rows = [{"q": '}]{[ \\" ' + "x" * 300_000}, {"q": "short"}, {"q": {"deep": [["]"]]}}]
    assert values(json.dumps(rows).encode(), "a.json") == rows


def test_the_line_of_a_json_record_is_where_it_begins():
    data = b'[\n {"q": 1},\n\n {"q":\n 2}\n]'
    assert [row.line for row in read(data, "a.json")] == [2, 4]


def test_a_broken_record_is_refused_and_the_next_goes_on():
    good, bad, last = read(b'{"q": 1}\n{"q": nope}\n{"q": 3}\n', "a.jsonl")
    assert (good.line, last.line) == (1, 3)
    assert isinstance(bad, Refusal)
    assert bad.line == 2
    assert "not valid JSON" in bad.reason


def test_a_broken_record_of_an_array_is_refused_and_the_next_goes_on():
    good, bad, last = read(b'[{"q": 1},\n {"q": 1,,},\n {"q": 3}]', "a.json")
    assert isinstance(good, Row)
    assert (bad.line, type(bad)) == (2, Refusal)
    assert last.values == {"q": 3}


def test_half_a_character_is_refused_by_field():
    (refused,) = read(rb'{"question": "\ud800", "other": "x"}', "a.jsonl")
    assert refused.field == "question"
    assert "surrogate" in refused.reason


def test_deep_nesting_is_refused():
    (refused,) = read(b'{"q": ' + b"[" * 5000 + b"]" * 5000 + b"}", "a.jsonl")
    assert isinstance(refused, Refusal)


def test_a_line_that_is_no_object_is_refused():
    (refused,) = read(b"[1, 2]\n", "a.jsonl")
    assert "a list" in refused.reason


def test_a_giant_line_is_refused_and_the_next_goes_on():
    refused, row = read(b'{"q": "' + b"x" * (17 << 20) + b'"}\n{"q": 1}\n', "a.jsonl")
    assert "16 MB" in refused.reason
    assert row.line == 2


def test_a_json_file_that_breaks_off_says_so():
    row, refused = read(b'[{"q": 1}, {"q": ', "a.json")
    assert row.values == {"q": 1}
    assert "ends in the middle" in refused.reason


def test_bytes_that_are_not_utf8_are_refused_by_line():
    data = jsonl({"q": "x" * (1 << 20)}) + b'{"q": "caf\xe9"}\n' + jsonl({"q": "last"})
    _, refused, last = read(data, "a.jsonl")
    assert "0xe9" in refused.reason
    assert last.values == {"q": "last"}


def test_an_encoding_without_mark_is_asked_for_not_guessed():
    data = "question\nWas ist Übelkeit und wie häufig ist sie? Größe und Länge und Höhe\n".encode(
        "cp1252"
    )
    with pytest.raises(EncodingUnknown) as refusal:
        read(data, "a.csv")
    assert refusal.value.data["guess"]
    assert values(data, "a.csv", encoding="cp1252")[0]["question"].startswith("Was ist Übelkeit")


def test_utf16_without_mark_is_asked_for():
    with pytest.raises(FileRefused):
        read("question\nWhat is it?\n".encode("utf-16-le"), "a.csv")


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "a.jsonl", "empty"),
        (b"%PDF-1.7", "a.pdf", "PDF"),
        (b"<?xml version='1.0'?><a/>", "a.xml", "XML"),
        (b"\xd0\xcf\x11\xe0", "a.xls", "old Excel"),
        (b"# A readme", "readme.md", "cannot be told"),
        (b"no parquet", "a.parquet", "something else"),
        (gzip.compress(gzip.compress(b"{}", mtime=0), mtime=0), "a.jsonl.gz", "twice"),
        (gzip.compress(b'{"q": 1}\n' * 1000, mtime=0)[:-30], "a.jsonl.gz", "damaged"),
        (b"PAR1 and nothing", "a.parquet", "damaged"),
        (b"PK\x03\x04 and nothing", "a.xlsx", "damaged"),
        (b"\n\n", "a.csv", "names no columns"),
        (b"just words", "a.json", "not JSON"),
    ],
)
def test_files_that_cannot_be_read_say_why(data, name, words):
    with pytest.raises(FileRefused, match=words):
        read(data, name)


def test_a_zip_that_is_no_workbook_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", "q\n1\n")
    with pytest.raises(FileRefused, match="ZIP"):
        read(packed.getvalue(), "a.zip")


def test_a_packed_bomb_is_not_unpacked():
    bomb = gzip.compress(b"\n" * (160 << 20), compresslevel=9)
    with pytest.raises(FileRefused, match="two hundred times"):
        read(bomb, "a.jsonl.gz")


def test_a_workbook_bomb_is_not_opened():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (80 << 20))
    with pytest.raises(FileRefused, match="more than it should"):
        read(packed.getvalue(), "a.xlsx")


def test_csv_rows_that_do_not_fit_the_heading_are_refused():
    row, refused, last = read(b'q,n\na,1\nb,2,3\n"c\nd",4\n', "a.csv")
    assert row.values == {"q": "a", "n": "1"}
    assert "3 cells" in refused.reason
    assert (last.line, last.values["q"]) == (4, "c\nd")


def test_a_quotation_mark_that_is_not_closed_is_refused():
    rows = read(b'q\n"never closed\nmore\n', "a.csv")
    assert isinstance(rows[-1], Refusal)
    assert "never closed" in rows[-1].reason


def test_delimiter_and_repeated_names_are_recognised():
    assert values(b'"a;b";a;a;\n1;2;3;4\n', "x.csv") == [
        {"a;b": "1", "a": "2", "a (2)": "3", "column 4": "4"}
    ]


def workbook(*rows, title="Sheet"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.create_sheet("Second").append(["other"])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def test_workbook_gives_cells_as_they_stand():
    data = workbook([None], ["q", "n", "f"], ["What?", 3.0, "=1+1"], [], ["More?", True, "#REF!"])
    first, second = read(data, "a.xlsx")
    assert (first.line, first.values["n"]) == (3, 3)
    assert isinstance(first.values["f"], Formula)
    assert second.values["n"] == "true"
    assert isinstance(second.values["f"], CellError)


def test_workbook_sheet_is_chosen_by_name():
    data = workbook(["q"], ["What?"])
    opening = opened(io.BytesIO(data), "a.xlsx")
    with pytest.raises(FileRefused, match="no sheet"):
        list(rows_of(opening, sheet="Third"))


def test_parquet_rows():
    kept = io.BytesIO()
    pq.write_table(pa.table({"q": ["One?", None], "m": [[{"role": "user"}], []]}), kept)
    assert values(kept.getvalue(), "a.parquet") == [
        {"q": "One?", "m": [{"role": "user"}]}, {"q": None, "m": []},
    ]  # fmt: skip
