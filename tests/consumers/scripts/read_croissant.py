"""mlcroissant: no issue, and every record of every split with its conversation."""

import mlcroissant as mlc
from common import RELEASE, records, tell, text

dataset = mlc.Dataset(str(RELEASE / "croissant.json"))
issues = dataset.metadata.ctx.issues
assert not issues.errors, issues.report()
counts = {}
for split in ("train", "validation", "test"):
    found = list(dataset.records(split))
    wanted = records(split)
    assert len(found) == len(wanted)
    for row, record in zip(found, wanted, strict=True):
        shown = [m[f"{split}/messages/content"].decode() for m in row[f"{split}/messages"]]
        assert shown == [text(m) for m in record["messages"]]
    counts[split] = len(found)
tell(mlcroissant="1.1.1", warnings=len(issues.warnings), records=counts)
