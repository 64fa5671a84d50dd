import pytest

from annotation.enums import TaskState
from annotation.workflow import TASK
from lib.errors import IllegalMove
from lib.machine import Machine, Move

DOOR = Machine(
    "door", "shut", (Move("open", "shut", "ajar", "all"), Move("close", "ajar", "shut", "all"))
)


def test_check_returns_the_move():
    assert DOOR.check("shut", "open").target == "ajar"


def test_check_refuses_in_words_that_name_verb_and_state():
    with pytest.raises(IllegalMove, match="“close” is not possible while this is “shut”"):
        DOOR.check("shut", "close")


def test_two_moves_with_one_verb_from_one_state_are_a_mistake():
    with pytest.raises(ValueError, match="share a source and a verb"):
        Machine(
            "door", "shut", (Move("go", "shut", "ajar", "all"), Move("go", "shut", "gone", "all"))
        )


def test_mermaid_shows_every_move():
    assert DOOR.to_mermaid().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> shut",
        "    shut --> ajar: open",
        "    ajar --> shut: close",
    ]


def test_the_table_of_tasks_uses_every_state_and_reaches_it():
    assert set(TASK.states()) == set(TaskState.values)
    reached, frontier = {TASK.initial}, [TASK.initial]
    while frontier:
        for move in TASK.moves_from(frontier.pop()):
            if move.target not in reached:
                reached.add(move.target)
                frontier.append(move.target)
    assert reached == set(TaskState.values)


def test_only_withdrawal_is_final():
    assert [state for state in TASK.states() if not list(TASK.moves_from(state))] == [
        TaskState.WITHDRAWN
    ]
