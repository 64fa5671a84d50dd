"""What the database asks of tasks once reviews exist.

These triggers stand on tables of the part below (annotation), which may not know of reviews; so they
are made here, where reviews are known.
"""

from django.db import migrations

NO_REVIEWER_WRITES = """
CREATE FUNCTION review_no_reviewer_writes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM review_seat WHERE task_id = NEW.task_id AND reviewer_id = NEW.expert_id)
     OR EXISTS (SELECT 1 FROM review_review WHERE task_id = NEW.task_id AND reviewer_id = NEW.expert_id) THEN
    RAISE EXCEPTION 'a reviewer of a task never writes it'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_reviewer_never_writes';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER review_no_reviewer_writes BEFORE INSERT OR UPDATE OF expert_id, task_id
  ON annotation_assignment FOR EACH ROW EXECUTE FUNCTION review_no_reviewer_writes();
"""

APPROVED_BY_TWO = """
CREATE FUNCTION review_approved_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1
    FROM review_review format
    JOIN review_review expert ON expert.task_id = format.task_id
    WHERE format.task_id = NEW.id
      AND format.revision_id = NEW.current_revision_id
      AND format.stage IN ('format', 'adjudication') AND format.verdict = 'approve'
      AND expert.stage IN ('expert', 'adjudication') AND expert.verdict <> 'recuse'
      AND (expert.verdict = 'approve' OR format.stage = 'adjudication')
      AND expert.reviewer_id <> format.reviewer_id
      AND expert.reviewer_id <> NEW.author_id
      AND format.reviewer_id <> NEW.author_id
  ) THEN
    RAISE EXCEPTION 'a task is approved by two other people: an expert and a format reviewer'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'task_approved_by_two';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER review_approved_by_two BEFORE UPDATE OF state ON annotation_task
  FOR EACH ROW WHEN (NEW.state = 'approved' AND OLD.state <> 'approved')
  EXECUTE FUNCTION review_approved_by_two();
"""

DROP = """
DROP TRIGGER review_approved_by_two ON annotation_task;
DROP FUNCTION review_approved_by_two();
DROP TRIGGER review_no_reviewer_writes ON annotation_assignment;
DROP FUNCTION review_no_reviewer_writes();
"""


class Migration(migrations.Migration):
    """Two rules of the design, section 4, held in the database."""

    dependencies = [("review", "0001_initial"), ("annotation", "0002_initial")]

    operations = [migrations.RunSQL(NO_REVIEWER_WRITES + APPROVED_BY_TWO, reverse_sql=DROP)]
