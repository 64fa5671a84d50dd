"""A whole agent trajectory: imported in its native form, kept byte for byte, normalised and labelled.

extras["trajectory"] = {"sha256", "format", "name", "bytes", "steps", "outcome", "terminal_state", "interventions":
[{"step", "what"}], "verifier": {"name", "result"}}. The normalised messages are handed in by the service as
extras["trajectory"]["messages"], because they are too large to travel with every save.
"""

from annotation.errors import TargetInvalid
from annotation.models import Instruction
from annotation.targets.types import FIRST, Extras, Fields, Part, Target

HOW = (
    "Choose the file of the run, look through its steps, say how it ended, and put into words what it did. It "
    "is kept as you go."
)

OUTCOMES = ("successful", "recovery", "failed")


def compile_target(fields: Fields, extras: Extras, instruction: Instruction) -> Target:
    """{"kind": "trajectory", "messages", "outcome", "native": {sha256, format, …}}; the author's own words,
    if there are any, stand in `summary`. Raises TargetInvalid when file or label is missing."""
    about = extras.get("trajectory") or {}
    if not about.get("sha256") or not about.get("messages"):
        raise TargetInvalid("No trajectory has been imported yet.", advice="Choose the file first.")
    if about.get("outcome") not in OUTCOMES:
        raise TargetInvalid(
            "The outcome of the trajectory is not labelled.",
            advice="Say whether it succeeded, recovered or failed.",
        )
    return {
        "kind": "trajectory",
        "messages": about["messages"],
        "outcome": {
            "label": about["outcome"],
            "terminal_state": str(about.get("terminal_state", "")),
            "interventions": list(about.get("interventions", [])),
            "verifier": dict(about.get("verifier", {})),
        },
        "native": {
            key: about[key]
            for key in ("sha256", "format", "name", "bytes", "entry")
            if key in about
        },
        "summary": fields.get(FIRST, ""),
    }


def parts(fields: Fields, extras: Extras, instruction: Instruction) -> list[Part]:
    """A box for what the author says about the trajectory."""
    words = "Response: what the run did, in your words"
    return [Part(FIRST, words, about={"trajectory": True})]


LONGEST_CHECKED = 5_000


def for_checks(target: Target) -> Target:
    """The target as the checks read it: of a trajectory the beginning of each message, because its bulk
    is the output of tools, which nobody wrote."""
    if target["kind"] != "trajectory":
        return target
    messages = [
        message | {"content": message["content"][:LONGEST_CHECKED]}
        for message in target["messages"]
    ]
    return target | {"messages": messages}
