"""Every legal move of a task. Read by the executor, the database, the diagram and the tests."""

from annotation.enums import ImportState
from annotation.enums import TaskState as S
from lib.machine import Machine, Move

# `by` names who makes the move: a role, `author`, `clock` (the lease sweep) or `governance`.
TASK = Machine(
    name="task",
    initial=S.OPEN,
    moves=(
        Move("claim", S.OPEN, S.WRITING, by="writer"),
        Move("skip", S.WRITING, S.OPEN, by="author"),
        Move("lapse", S.WRITING, S.OPEN, by="clock"),
        Move("submit", S.WRITING, S.EXPERT_REVIEW, by="author"),
        # A repair that changed form only, within the project's limit, need not go back to the expert.
        Move("submit_repair", S.WRITING, S.FORMAT_REVIEW, by="author"),
        Move("pass_expert", S.EXPERT_REVIEW, S.FORMAT_REVIEW, by="expert"),
        Move("request_changes", S.EXPERT_REVIEW, S.CHANGES_REQUESTED, by="expert"),
        Move("reject", S.EXPERT_REVIEW, S.REJECTED, by="expert"),
        Move("escalate", S.EXPERT_REVIEW, S.ADJUDICATION, by="expert"),
        Move("approve", S.FORMAT_REVIEW, S.APPROVED, by="format"),
        Move("request_changes", S.FORMAT_REVIEW, S.CHANGES_REQUESTED, by="format"),
        Move("return_to_expert", S.FORMAT_REVIEW, S.EXPERT_REVIEW, by="format"),
        Move("reject", S.FORMAT_REVIEW, S.REJECTED, by="format"),
        Move("escalate", S.FORMAT_REVIEW, S.ADJUDICATION, by="format"),
        Move("resume", S.CHANGES_REQUESTED, S.WRITING, by="author"),
        Move("appeal", S.CHANGES_REQUESTED, S.ADJUDICATION, by="author"),
        Move("appeal", S.REJECTED, S.ADJUDICATION, by="author"),
        Move("pass_expert", S.ADJUDICATION, S.FORMAT_REVIEW, by="adjudicator"),
        Move("approve", S.ADJUDICATION, S.APPROVED, by="adjudicator"),
        Move("request_changes", S.ADJUDICATION, S.CHANGES_REQUESTED, by="adjudicator"),
        Move("reject", S.ADJUDICATION, S.REJECTED, by="adjudicator"),
        Move("withdraw", S.APPROVED, S.WITHDRAWN, by="governance"),
        # Its instruction was dropped before anything was handed in.
        Move("close", S.OPEN, S.WITHDRAWN, by="lead"),
        Move("close", S.WRITING, S.WITHDRAWN, by="lead"),
    ),
)

# A file on its way in. `clock` is the job that works on it.
IMPORT = Machine(
    name="import",
    initial=ImportState.UPLOADED,
    moves=(
        Move("check", ImportState.UPLOADED, ImportState.CHECKING, by="lead"),
        Move("checked", ImportState.CHECKING, ImportState.CHECKED, by="clock"),
        Move("fail", ImportState.CHECKING, ImportState.FAILED, by="clock"),
        Move("start", ImportState.CHECKED, ImportState.RUNNING, by="lead"),
        Move("finish", ImportState.RUNNING, ImportState.DONE, by="clock"),
        Move("fail", ImportState.RUNNING, ImportState.FAILED, by="clock"),
        Move("match_again", ImportState.CHECKED, ImportState.UPLOADED, by="lead"),
        Move("match_again", ImportState.FAILED, ImportState.UPLOADED, by="lead"),
    ),
)
