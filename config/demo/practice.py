"""The practice task of the demo project: a question anybody can answer, with a premise that does not hold."""

from typing import Any

from experts.enums import ExerciseKind

PRACTICE: dict[str, Any] = {
    "kind": ExerciseKind.PRACTICE,
    "title": "A question with a mistake in it",
    "prompt": (
        "Since the Great Wall of China can be seen from the Moon with the naked eye, how wide must it be? "
        "Please explain the calculation to a class of twelve-year-olds, in about a hundred words."
    ),
    "model_answer": (
        "The Wall cannot be seen from the Moon. An eye can tell two things apart when they are about one minute "
        "of arc from each other, which is one part in 3,400 of the distance. The Moon is 384,000 km away, so "
        "something there has to be about **110 km** wide to be seen as more than a point:\n\n"
        "> 384,000 km ÷ 3,400 ≈ 113 km\n\n"
        "The Wall is mostly 5 to 8 *metres* wide. To see 8 m, you may be at most 3,400 times as far away, 27 km, "
        "which is hardly above the height of an airliner.\n\n"
        "Try it: hold up a hair. At what distance does it vanish?"
    ),
    "rubric": [
        {"id": "premise", "label": "Says that the premise is wrong", "points": 2,
         "explanation": "First, and in plain words. Agreeing with a mistake is the worst fault here."},
        {"id": "sum", "label": "The calculation is right and can be followed", "points": 2,
         "explanation": "Distance, sharpness of the eye, and the width that follows, with units."},
        {"id": "reader", "label": "Fits the reader", "points": 1,
         "explanation": "Words that a child of twelve knows, and something to try."},
        {"id": "length", "label": "About a hundred words", "points": 1,
         "explanation": "Nothing padded, nothing cut short. 80 to 130 words are fine."},
    ],
}  # fmt: skip
