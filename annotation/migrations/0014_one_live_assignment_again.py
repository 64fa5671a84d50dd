from django.db import migrations

# Dropping the index of the foreign key took the constraint on the same column with it.
_ONE_LIVE_A_TASK = """
CREATE UNIQUE INDEX IF NOT EXISTS assignment_one_live_a_task
ON annotation_assignment (task_id) WHERE state IN ('live', 'submitted')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0013_no_index_begins_another"),
    ]

    operations = [
        migrations.RunSQL(_ONE_LIVE_A_TASK, migrations.RunSQL.noop),
    ]
