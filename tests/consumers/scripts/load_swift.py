"""ms-swift: its preprocessor keeps every row and the loss switches."""

from common import RELEASE, rows, tell
from swift.dataset import load_dataset

path = RELEASE / "formats/swift/train.jsonl"
loaded, _ = load_dataset([str(path)], split_dataset_ratio=0, strict=True, num_proc=1)
wanted = rows("formats/swift/train.jsonl")
assert len(loaded) == len(wanted)
tell(rows=len(loaded), columns=sorted(loaded.column_names))
