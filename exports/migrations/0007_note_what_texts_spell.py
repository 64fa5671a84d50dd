"""What records frozen before this spell, noted once as freezing notes it from now on."""

from itertools import islice

import orjson
from django.db import migrations

from exports import control

BATCH = 1000


def note(apps, schema_editor):
    """In batches, by a cursor on the server: no more than one batch is in memory."""
    Record, Spelling = (apps.get_model("exports", name) for name in ("Record", "Spelling"))
    texts = Record.objects.order_by("pk").values_list("pk", "data").iterator(chunk_size=BATCH)
    while batch := list(islice(texts, BATCH)):
        Spelling.objects.bulk_create(
            Spelling(record_id=pk, token=token)
            for pk, data in batch
            for token in control.spelled(orjson.loads(data))
        )


class Migration(migrations.Migration):
    dependencies = [("exports", "0006_what_texts_spell")]

    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
