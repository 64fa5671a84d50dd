from django.db import migrations, models

# What can still come (back) into the queue; approved and withdrawn tasks are frozen and never do.
_KNOWN_TO_BE_ALONE = """
UPDATE annotation_task task SET alone = true
FROM annotation_instruction asked
WHERE asked.id = task.instruction_id AND asked.responses_wanted = 1
  AND task.state NOT IN ('approved', 'withdrawn', 'rejected')
  AND NOT EXISTS (
    SELECT 1 FROM annotation_instruction version
    JOIN annotation_task other ON other.instruction_id = version.id
    WHERE version.series = asked.series AND other.id <> task.id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0011_import_misnamed_tools"),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="alone",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(_KNOWN_TO_BE_ALONE, migrations.RunSQL.noop),
    ]
