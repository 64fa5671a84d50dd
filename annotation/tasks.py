"""Jobs of the writing side."""

from celery import shared_task

from annotation.models import Revision
from annotation.services import due_days, import_runs, index_words, look_up, rerun_checks
from lib.jobs import enqueue_on_commit

AFTER_FAILURE = 20  # seconds until a job that failed is tried again


@shared_task
def look_at_revision(revision_id: int) -> None:
    """Keep what the corpus knows about a submitted response."""
    revision = Revision.objects.select_related(
        "task__instruction", "task__project", "project_version"
    ).get(pk=revision_id)
    look_up.look_at_revision(revision=revision)


@shared_task
def know_instructions(
    project_id: int, first: int = 0, last: int | None = None, origin: str = ""
) -> None:
    """Make imported instructions known to the corpus: those between two keys, or all that are unknown."""
    while reached := look_up.know_instructions(
        project_id=project_id, first=first, last=last, origin=origin
    ):
        first = reached + 1


@shared_task
def look_again(set_id: int) -> None:
    """Hold the next texts against a protected set that came after them, and send the rest on."""
    if look_up.look_again(set_id=set_id):
        enqueue_on_commit("annotation.tasks.look_again", set_id=set_id)


@shared_task
def take_up_looks() -> None:
    """Go on with looks whose job was lost."""
    for set_id in look_up.left_looks():
        enqueue_on_commit("annotation.tasks.look_again", set_id=set_id)
    for project_id in look_up.projects_with_unknown_instructions():
        enqueue_on_commit("annotation.tasks.know_instructions", project_id=project_id)


# One more than a run has tries: the last one finds that it has none left, and says so on its page.
@shared_task(
    autoretry_for=(Exception,), max_retries=rerun_checks.TRIES, default_retry_delay=AFTER_FAILURE
)
def run_checks(run_id: int) -> None:
    """Look at the next chunk of a run over the backlog, and send the rest on."""
    if rerun_checks.advance_check_run(run_id=run_id):
        enqueue_on_commit("annotation.tasks.run_checks", run_id=run_id)


@shared_task
def take_up_check_runs() -> None:
    """Go on with runs over the backlog whose job was lost."""
    for run_id in rerun_checks.left_check_runs():
        enqueue_on_commit("annotation.tasks.run_checks", run_id=run_id)


@shared_task
def rehearse_import(run_id: int) -> None:
    """The dry run of an uploaded file."""
    import_runs.rehearse_import(run_id=run_id)


@shared_task
def carry_out_import(run_id: int) -> None:
    """The import of an uploaded file; begun again, it goes on where it was."""
    import_runs.carry_out_import(run_id=run_id)


@shared_task
def remind_of_due_days() -> None:
    """Remind writers two days before what they have in hand is wanted, and once it is overdue."""
    due_days.remind_of_due_days()


@shared_task
def index_instructions(first: int = 0, last: int | None = None) -> None:
    """Make instructions findable by their words: those between two keys, or all that are not yet."""
    while reached := index_words.index_instructions(first=first, last=last):
        first = reached + 1


@shared_task
def index_revisions(first: int = 0, last: int | None = None) -> None:
    """The same for responses."""
    while reached := index_words.index_revisions(first=first, last=last):
        first = reached + 1


@shared_task
def take_up_words() -> None:
    """Take up the words of what a lost job, or a version that knew no search, has left."""
    index_instructions()
    index_revisions()
