"""croissant.json: machine-readable metadata (Croissant 1.1, JSON-LD) over the `default` Parquet files."""

from typing import Any

from exports.papers.facts import Facts
from exports.papers.licence import licence_url

CONFORMS_TO = "http://mlcommons.org/croissant/1.1"

# The context that the Croissant specification prescribes.
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "excludes": "cr:excludes",
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {"revision": "sc:Integer", "difficulty": "sc:Integer", "sample_weight": "sc:Float"}
_COLUMNS = (
    "record_id",
    "revision",
    "domain",
    "type",
    "language",
    "difficulty",
    "quality_class",
    "sample_weight",
)


def croissant(facts: Facts) -> dict[str, Any]:
    """The document."""
    name = facts["attribution"] or facts["title"]
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": facts["dataset"],
        "alternateName": facts["title"],
        "description": facts["description"]
        or f"{facts['title']}: responses written by verified experts.",
        "license": licence_url(facts),
        "url": facts["url"],
        "creator": {"@type": "sc:Organization", "name": name},
        "publisher": {"@type": "sc:Organization", "name": name},
        "datePublished": facts["cut_on"],
        "version": facts["version"],
        "inLanguage": sorted(facts.slices("language")),
        "citeAs": f"{name}: {facts['title']}, version {facts['version']}, {facts['cut_on'][:4]}",
        "isLiveDataset": False,
        "rai:dataCollection": "Written from scratch by people with verified qualifications.",
        "rai:dataCollectionType": ["Manual Human Curation"],
        "rai:dataAnnotationProtocol": "A second expert and a format reviewer approve each response.",
        "rai:personalSensitiveInformation": ["Authors and reviewers appear under pseudonyms."],
        "rai:dataLimitations": list(facts["limitations"]),
        "distribution": _distribution(facts),
        "recordSet": [_splits(facts), *[_records(facts, split) for split in facts.splits]],
    }


def _distribution(facts: Facts) -> list[dict[str, Any]]:
    """Each file with its digest, and a set for each split that rows are read through.

    A set names no container: `mlcroissant` takes that for files beside the document.
    """
    parquet = facts.in_folder("data")
    objects = [
        {
            "@type": "cr:FileObject",
            "@id": file.path,
            "name": file.path,
            "contentUrl": file.path,
            "encodingFormat": "application/x-parquet",
            "contentSize": f"{file.bytes} B",
            "sha256": file.sha256,
        }
        for file in parquet
    ]
    sets = [
        {
            "@type": "cr:FileSet",
            "@id": f"{split}-files",
            "name": f"{split}-files",
            "encodingFormat": "application/x-parquet",
            "includes": f"data/{split}-*.parquet",
        }
        for split in facts.splits
    ]
    return [*objects, *sets]


def _splits(facts: Facts) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [
            {"@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text"},
            {
                "@type": "cr:Field",
                "@id": "splits/records",
                "name": "records",
                "dataType": "sc:Integer",
            },
        ],
        "data": [
            {"splits/name": split, "splits/records": number}
            for split, number in facts.splits.items()
        ],
    }


def _records(facts: Facts, split: str) -> dict[str, Any]:
    source = {"fileSet": {"@id": f"{split}-files"}}
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{split}/{column}",
            "name": column,
            "dataType": _TYPES.get(column, "sc:Text"),
            "source": source | {"extract": {"column": column}},
        }
        for column in _COLUMNS
    ]
    return {
        "@type": "cr:RecordSet",
        "@id": split,
        "name": split,
        "description": f"The records of `{split}`: their facts, and role and words of each message. Tool calls, "
        "masks, reasoning and attachments stand in the same Parquet files, everything in `records/`.",
        "key": {"@id": f"{split}/record_id"},
        "field": [*fields, _messages(split, source)],
    }


def _messages(split: str, source: dict[str, Any]) -> dict[str, Any]:
    """The conversation: a repeated field, each part reached by a path into the list."""
    return {
        "@type": "cr:Field",
        "@id": f"{split}/messages",
        "name": "messages",
        "repeated": True,
        "subField": [
            {
                "@type": "cr:Field",
                "@id": f"{split}/messages/{part}",
                "name": part,
                "dataType": "sc:Text",
                "source": source
                | {"extract": {"column": "messages"}, "transform": {"jsonPath": part}},
            }
            for part in ("role", "content")
        ],
    }
