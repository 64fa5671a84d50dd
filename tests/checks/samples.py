"""Known good and bad examples for the checks that judge one text alone."""

import random

from checks.types import Message, Requirement, Subject

_KEY = "".join(
    random.Random(1).choices("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789", k=60)
)


def subject(text="", *, question="", spec=None, **more):
    """A subject with one written answer."""
    target = more.pop(
        "target", {"kind": "text", "messages": [{"role": "assistant", "content": text}]}
    )
    asked = (Message("user", question),) if question else ()
    return Subject(target=target, instruction=asked, format_spec=spec or {}, **more)


FILLER = (
    "The kidney removes water and salts from the blood. It does so in about one million small filters. "
    "A stone that blocks the ureter raises the pressure behind it, which hurts and can do harm."
)

_CALLING = {
    "role": "assistant",
    "tool_calls": [{"id": "abc123def", "function": {"name": "spotify.play", "arguments": {}}}],
}

# check id -> (texts that must be found, texts that must not be).
BY_TEXT = {
    "sycophancy": (
        [
            "Great question! The dose is 5 mg.",
            "What a thoughtful question. It depends.",
            "You're absolutely right, the rule is old.",
            "Certainly! Here is the list.",
            "Thank you for asking. The valve opens.",
            "Hello there! The tax is due in May.",
            "I love this question. Take the first.",
            "That's an excellent point; the court agreed.",
            "As an AI language model, I cannot feel pain.",
            "Sure, here is the code.",
        ],
        [
            "The question is great in number theory: is every even number a sum of two primes?",
            "Certainly the dose must be halved in renal failure.",
            "Hello is a greeting in English.",
            "Great Britain left the union in 2020.",
            "Absolute risk fell by two points.",
            "You are right-handed if you write with the right hand.",
            FILLER,
            "Good morning stiffness lasting an hour suggests rheumatoid arthritis.",
        ],
    ),
    "padding": (
        [
            f"{FILLER}\n\nI hope this helps!",
            f"{FILLER} Let me know if you have any questions.",
            f"{FILLER}\n\nFeel free to ask more.",
            f"{FILLER} Is there anything else I can help with?",
            f"{FILLER}\n\nGood luck with your studies!",
        ],
        [
            FILLER,
            f"{FILLER} Ask a pharmacist about the dose.",
            "Hope is the feeling that all ends well.",
            "If the patient has questions, answer them before the operation.",
        ],
    ),
    "secret": (
        [
            f"Use AIza{_KEY[:35]} here.",
            f"token npm_{_KEY[:36]}",
            f"hf_{_KEY[:34]} is the token",
            f"export KEY=sk-proj-{_KEY[:48]}",
            f"ghp_{_KEY[:36]}",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
            "postgres://admin:S3cr3t!pw@db.internal.net/prod",
            "the password is Tr0ub4dor&3x",
            f"glpat-{_KEY[:20]}",
            "AKIA" + "QWERTYUIOPASDFGH".replace("O", "2").replace("I", "3"),
            f"redis://:{_KEY[:12]}@cache.prod.net:6379/0",
            f"Authorization: Bearer {_KEY[:36]}",
            f'api_key = "{_KEY[:24]}"',
            f"GOCSPX-{_KEY[:28]}",
        ],
        [
            FILLER,
            "The password is stored as a hash.",
            "ATGCATGCATGCATGCATGCATGCATGCATGCATGCATGC",
            "Set the key with your_api_key_here.",
            "password: changeme123!",
            "See sk-learn for details.",
            "Send Authorization: Bearer followed by a token of 36 characters.",
            'api_key = "your_api_key_goes_here_1"',
            "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0B\n-----END PUBLIC KEY-----",
            "The sequence AKIAS is not a key.",
            "postgres://user:password@localhost/db",
        ],
    ),
    "personal_data": (
        [
            "Write to m.keller@kellerpraxis.de today.",
            "Card 4111 1111 1111 1111 was used.",
            "Card 4111111111111111 was used.",
            "Card 3782-822463-10005 was used.",
            "Account DE89 3704 0044 0532 0130 00.",
            "Her SSN is 536-90-4399.",
            "NHS number 943 476 5919.",
            "Call +44 20 7946 1234 now.",
            "Call (212) 736-5000 now.",
            "NPI 1234567893 treats him.",
            "MRN: 8472910 was admitted.",
            "It came from 81.2.69.142 twice.",
        ],
        [
            FILLER,
            "Write to name@example.org.",
            "Card 4111 1111 1111 1112 was refused.",
            "ISBN 978-3-16-148410-0 is a book.",
            "PMID 31452104 reports it.",
            "Call 212-555-0142 in fiction.",
            "The address 192.168.1.20 is private.",
            "In 2019-2020 the rate was 12.5 %.",
            "Section 12.3.4.5 of the rules.",
            "Values 123-45-678 are odd.",
            # The first digits of this random id satisfy the check digit of a payment card.
            "The record is 52012278-4837-40a7-ba34-75389d5cf5b1.",
            "Rows 4 111 11 1111 11 11 111 were counted.",
        ],
    ),
    "repetition": (
        [
            f"{FILLER} {FILLER}",
            "no no no no no no no no no no stop",
            "The dose is five milligrams every morning. Drink water. "
            "The dose is five milligrams every morning.",
        ],
        [FILLER, "The dose is 5 mg. The dose is then 10 mg. The dose ends at 20 mg."],
    ),
    "mixed_scripts": (
        ["The p\u0430tient is well.", "A \u0441linic in town."],
        [
            "5 \u03bcg and \u03b2-blockers.",
            "\u041c\u043e\u0441\u043a\u0432\u0430 is Moscow.",
            FILLER,
            "The \u03b1-helix.",
        ],
    ),
    "invisible_characters": (
        ["zero\u200bwidth", "a\u202eb", "soft\u00adhyphen", "broken \ufffd here", "bell \x07"],
        [
            "family \U0001f468\u200d\U0001f469\u200d\U0001f467",
            "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "plain\ttab\nline",
            "flag \U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        ],
    ),
    "markdown_faults": (
        [
            "```python\nprint(1)",
            "| a | b |\n|---|---|\n| 1 | 2 | 3 |",
            "#Title\n\ntext",
            "[link]() here",
            "<div>hi</div>",
            "**bold and on",
        ],
        [
            "```python\nprint(1)\n```",
            "| a | b |\n|---|---|\n| 1 | 2 |",
            "# Title\n\ntext",
            FILLER,
            "2 * 3 * 4 = 24",
            "`<div>` is a tag",
            "C# and F# are languages",
            "H<sub>2</sub>O",
            "```html\n<div>x</div>\n```",
            "a **bold** word",
        ],
    ),
}

# (check id, subject, is it found)
BY_SUBJECT = [
    ("empty", subject(""), True),
    ("empty", subject("x"), False),
    ("length", subject("one two", spec={"length": {"words": {"min": 3}}}), True),
    ("length", subject("one two", spec={"length": {"words": {"max": 1}}}), True),
    ("length", subject("one two", spec={"length": {"words": {"min": 1, "max": 2}}}), False),
    ("format", subject("text", spec={"headings": {"required": ["Summary"]}}), True),
    ("format", subject("## summary\n\ntext", spec={"headings": {"required": ["Summary"]}}), False),
    (
        "format",
        subject("# B\n\n# A", spec={"headings": {"required": ["A", "B"], "in_order": True}}),
        True,
    ),
    ("format", subject("##### deep", spec={"headings": {"max_level": 3}}), True),
    ("format", subject("# No\n", spec={"headings": {"forbidden": ["no"]}}), True),
    ("format", subject("- a\n- b", spec={"lists": {"allowed": False}}), True),
    ("format", subject("* a\n* b", spec={"lists": {"marker": "-"}}), True),
    ("format", subject("- a\n  - b\n    - c", spec={"lists": {"max_depth": 2}}), True),
    ("format", subject("|a|b|\n|--|--|\n|1|2|", spec={"tables": {"allowed": False}}), True),
    ("format", subject("text", spec={"tables": {"required": True}}), True),
    ("format", subject("```\nx\n```", spec={"code": {"needs_language": True}}), True),
    ("format", subject("```js\nx\n```", spec={"code": {"languages": ["python"]}}), True),
    ("format", subject("```python\nx\n```", spec={"code": {"languages": ["python"]}}), False),
    ("format", subject("a **b** c", spec={"markdown": {"allowed": False}}), True),
    ("format", subject("a b c", spec={"markdown": {"allowed": False}}), False),
    (
        "citations",
        subject("No source.", spec={"citations": {"style": "numeric", "required": True}}),
        True,
    ),
    (
        "citations",
        subject(
            "So [3].",
            spec={"citations": {"style": "numeric", "resolve": True}},
            sources=({"id": "1"},),
        ),
        True,
    ),
    (
        "citations",
        subject(
            "So [1].",
            spec={"citations": {"style": "numeric", "resolve": True}},
            sources=({"id": "1"},),
        ),
        False,
    ),
    (
        "citations",
        subject(
            "So [^a].\n\n[^a]: A source.",
            spec={"citations": {"style": "footnote", "resolve": True}},
        ),
        False,
    ),
    ("phrases", subject("We delve into it.", spec={"phrases": {"banned": ["delve"]}}), True),
    ("phrases", subject("We delved into it.", spec={"phrases": {"banned": ["delve"]}}), False),
    ("phrases", subject("Item 12", spec={"phrases": {"patterns": [r"item \d+"]}}), True),
    ("language", subject(FILLER, language="de"), True),
    ("language", subject(FILLER, language="en"), False),
    (
        "language",
        subject(
            "Die Niere entfernt Wasser und Salze aus dem Blut, und zwar durch etwa eine Million "
            "kleiner Filter in jedem Organ.",
            language="de",
        ),
        False,
    ),
    ("reading_level", subject(FILLER * 2, spec={"reading_level": {"max_grade": 3}}), True),
    ("reading_level", subject(FILLER * 2, spec={"reading_level": {"max_grade": 18}}), False),
    ("instruction_echo", subject(FILLER, question=f"Explain this: {FILLER}"), True),
    ("instruction_echo", subject(FILLER, question="What does the kidney do?"), False),
    ("evidence_copy", subject(FILLER, evidence=(f"Source. {FILLER}",)), True),
    (
        "evidence_copy",
        subject(FILLER, evidence=("Something else entirely about taxes in May.",)),
        False,
    ),
    ("json_schema", subject(target={"kind": "json", "text": '{"a": 1'}), True),
    ("json_schema", subject(target={"kind": "json", "text": '{"a": 1, "a": 2}'}), True),
    (
        "json_schema",
        subject(
            target={"kind": "json", "text": '{"a": "x"}'},
            target_schema={"properties": {"a": {"type": "integer"}}},
        ),
        True,
    ),
    (
        "json_schema",
        subject(
            target={"kind": "json", "text": '{"a": 1}'},
            target_schema={"properties": {"a": {"type": "integer"}}},
        ),
        False,
    ),
    ("tool_names", subject("x", tools=({"name": "weather.get"},)), True),
    (
        "tool_names",
        subject("x", tools=({"type": "function", "function": {"name": "get it"}},)),
        True,
    ),
    ("tool_names", subject("x", tools=({"name": "a" * 65},)), True),
    ("tool_names", subject("x", tools=({"description": "Has none."},)), True),
    ("tool_names", subject(target={"kind": "trajectory", "messages": [_CALLING]}), True),
    ("tool_names", subject("x", tools=({"name": "weather_get-2"}, {"name": "a" * 64})), False),
    ("tool_names", subject("Nothing is called by weather.get here."), False),
    ("coverage", subject("x", requirements=(Requirement("r1", "Name it."),), coverage={}), True),
    (
        "coverage",
        subject(
            "x",
            requirements=(Requirement("r1", "Name it."),),
            coverage={"r1": {"state": "met", "quote": "x"}},
        ),
        False,
    ),
    (
        "coverage",
        subject(
            "x",
            requirements=(Requirement("r1", "Name it."),),
            coverage={"r1": {"state": "met", "quote": "y"}},
        ),
        True,
    ),
    (
        "padding",
        subject(
            "The question asks about kidneys. They filter.",
            spec={"opening": {"answer_first": True}},
        ),
        True,
    ),
]
