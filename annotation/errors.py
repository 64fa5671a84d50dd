"""Refusals of the writing side, by name."""

from lib.errors import Conflict, Invalid, NotAllowed, NotFound, Stale


class NothingToTake(NotFound):
    """No open task fits this person now."""

    code = "nothing_to_take"
    http_status = 409
    message = "There is no open task for you right now."
    advice = "New instructions arrive here as they are imported. Come back later, or ask your lead."


class LeaseLost(Conflict):
    """The lease ended and the task went back."""

    code = "lease_lost"
    message = "Your time on this task ran out and it went back to the queue."
    advice = "Your text is kept. If the task is still open you can take it again and go on."


class QuestionDropped(LeaseLost):
    """The instruction was dropped while somebody wrote for it."""

    code = "question_dropped"
    message = "This question was taken out of the project."
    advice = "Another one asks the same, so nothing more is to be done here. Your text is kept."


class NotYourTask(NotAllowed):
    """Somebody else holds the task, or nobody does."""

    code = "not_your_task"
    message = "This task is not with you."
    advice = "Open “Write” to see what you are working on."


class CredentialNeeded(NotAllowed):
    """No credential that is valid now covers the task's domain."""

    code = "credential_needed"
    message = "You hold no valid credential for this field at the moment."
    advice = "Your text is kept. Add or renew a credential on your page, then submit again."


class PlaceTaken(Conflict):
    """Each response that is wanted has one task at a time."""

    code = "place_taken"
    message = "Somebody else is being asked for this response already."
    advice = "Open the instruction: its tasks show who is at it."


class DraftIsStale(Stale):
    """Another tab or device saved in between."""

    code = "draft_is_stale"
    message = "This task was changed in another tab or on another device."


class ReasonMissing(Invalid):
    """A reason is needed."""

    code = "reason_missing"
    message = "Please give a reason."


class NothingWritten(Invalid):
    """An empty response cannot be submitted."""

    code = "nothing_written"
    message = "There is no text to submit yet."


class FindingsBlock(Invalid):
    """Errors must be mended, warnings need a reason, before submission."""

    code = "findings_block"
    message = "Some checks need your attention before this can be submitted."


class LogInvalid(Invalid):
    """A batch of the writing log that cannot be taken as it is."""

    code = "log_invalid"
    message = "This part of the writing log cannot be read."
    advice = "Your text is kept on this device. Reload the page: it is sent again from there."


class BatchTooLarge(LogInvalid):
    """More in one batch than an editor sends."""

    code = "batch_too_large"
    http_status = 413
    message = "This part of the writing log is too large."
    advice = "Your text is kept on this device. Reload the page: it is sent again in smaller parts."


class HandedIn(Conflict):
    """The draft was handed in, so it no longer changes."""

    code = "handed_in"
    message = "This was handed in for review and cannot be changed now."
    advice = "If a reviewer returns it to you, you can go on from here."


class TargetInvalid(Invalid):
    """The draft does not make a target of its kind yet."""

    code = "target_invalid"
    message = "The response is not complete yet."


class NativeUnreadable(Invalid):
    """A file that is none of the known trajectory formats."""

    code = "native_unreadable"
    message = "This file is not a trajectory that can be read."
    advice = "Files of SWE-agent (.traj), OpenHands, tau-bench, BFCL and ToolTalk can be read, up to 25 MB."


class ProjectNameTaken(Conflict):
    """Two projects cannot have one address."""

    code = "project_name_taken"
    message = "There is a project with this address already."


class NoSuchProject(NotFound):
    """The address names no project that this person may see."""

    code = "no_such_project"
    message = "There is no such project, or you have no part in it."
    advice = "Open “Projects” to see yours."


class InstructionAlreadyThere(Conflict):
    """The project holds an instruction with this very content."""

    code = "instruction_already_there"
    message = "This project asks exactly this already."


class InstructionCorrected(Stale):
    """A later version exists."""

    code = "instruction_corrected"
    message = "Somebody has corrected this instruction in the meantime."
    advice = "Open its newest version and correct that one."
