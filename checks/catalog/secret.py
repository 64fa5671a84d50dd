"""Credentials: keys, tokens and passwords. The value itself is never part of a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from checks.types import Check, Finding, Severity, Subject, Where

# What the kept library does not know, or knows only in a form older than today's keys.
_OWN: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("Google API key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])")),
    ("npm token", re.compile(r"\bnpm_[A-Za-z0-9]{36}\b")),
    ("Hugging Face token", re.compile(r"\b(?:hf|api_org)_[A-Za-z0-9]{30,40}\b")),
    (
        "OpenAI or Anthropic key",
        re.compile(r"\bsk-(?:ant-|proj-|svcacct-|admin-|or-v1-)?[A-Za-z0-9_-]{32,200}\b"),
    ),
    ("GitHub token", re.compile(r"\bgithub_pat_[A-Za-z0-9_]{22,255}\b")),
    ("GitLab token", re.compile(r"\bgl(?:pat|ptt|dt|rt)-[A-Za-z0-9_-]{20,64}\b")),
    ("AWS key id", re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b")),
    ("Stripe key", re.compile(r"\b[rs]k_(?:live|test)_[0-9A-Za-z]{16,200}\b")),
    (
        "Slack webhook",
        re.compile(
            r"\bhooks\.slack\.com/services/T[A-Z0-9]{6,12}/B[A-Z0-9]{6,12}/[A-Za-z0-9]{20,32}"
        ),
    ),
    ("DigitalOcean token", re.compile(r"\bdo[opr]_v1_[a-f0-9]{64}\b")),
    (
        "private key",
        re.compile(
            r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:(?:[A-Za-z0-9+/=:,.\\\s]|-(?!-)){1,8000}-----END [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----)?"
        ),
    ),
    (
        "JSON Web Token",
        re.compile(r"\beyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,1000}"),
    ),
    ("Google client secret", re.compile(r"\bGOCSPX-[A-Za-z0-9_-]{24,40}\b")),
    (
        "authorization header",
        re.compile(
            r"\bauthorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:basic|bearer|token)\s{1,3}"
            r"(?=[A-Za-z._~+/=-]{0,80}\d)[A-Za-z0-9._~+/=-]{16,2000}",
            re.IGNORECASE,
        ),
    ),
    (
        "key or token",
        re.compile(
            r"\b(?:api|secret|private|access)[_-]?(?:key|token)[\"']?\s{0,3}[:=]\s{0,3}[\"'`]"
            r"(?=[^\s\"'`]{0,80}\d)(?=[^\s\"'`]{0,80}[A-Za-z])[A-Za-z0-9_.+/=-]{20,200}[\"'`]",
            re.IGNORECASE,
        ),
    ),
    (
        "password",
        re.compile(
            r"\b(?:password|passwd|passphrase|pwd)\s*(?:is|:|=)\s*[\"'`]?"
            r"(?=[^\s\"'`]{0,60}\d)(?=[^\s\"'`]{0,60}[A-Za-z])"
            r"(?=[^\s\"'`]{0,60}[^\sA-Za-z0-9\"'`.,;)])[^\s\"'`,;]{8,64}",
            re.IGNORECASE,
        ),
    ),
    (
        "connection string with a password",
        re.compile(r"\b[a-z][a-z0-9+]{2,20}://[^\s:/@]{0,60}:[^\s:/@]{3,100}@[\w.-]{3,200}"),
    ),
)
_WORDS_FOR_KEY = re.compile(r"[A-Za-z0-9_/+=.:-]{16,}|-----BEGIN|://[^\s]+@")
_EXAMPLES = re.compile(
    r"example|placeholder|your[_-]?|xxxx|\*{3,}|<[a-z_ -]+>|changeme|:password@|:pass@|:pwd@"
    r"|\{\{?\w+\}?\}|\$\{|1234567890abcdef|abcdefghijklmnop",
    re.IGNORECASE,
)
# 40 letters that the AWS rule takes for a key, but that are a sequence or a word.
_SEQUENCE = re.compile(r"^[ACGTUN]+$|^[A-Za-z]+$|^[0-9]+$", re.IGNORECASE)
_LEFT_OUT = {
    "Base64 High Entropy String",
    "Hex High Entropy String",
    "Secret Keyword",
    "Public IP (ipv4)",
    "IBM Cloud IAM Key",
    "IBM COS HMAC Credentials",
    "SoftLayer Credentials",
    "Cloudant Credentials",
}


_LONGEST_LINE = 5000
# No text is looked at for more than these: the runner shows fewer.
MOST_FOUND = 200


@cache
def _detectors() -> tuple[tuple[str, Any], ...]:
    """The detectors of detect-secrets that look for a structure, not for randomness."""
    from detect_secrets.core.plugins.util import (  # slow import: loads every plug-in  # noqa: PLC0415
        get_mapping_from_secret_type_to_class,
    )

    found: dict[str, Any] = get_mapping_from_secret_type_to_class()
    return tuple((name, found[name]()) for name in sorted(found) if name not in _LEFT_OUT)


def masked(value: str) -> str:
    """A value as it may be shown: its first four characters and its length."""
    return f"{value[:4]}\u2026 ({len(value)} characters)"


def secrets(text: str) -> list[tuple[str, int, int]]:
    """What looks like a credential: its kind and range, in the order of the text."""
    found: list[tuple[str, int, int]] = []

    def add(kind: str, start: int, end: int) -> None:
        if len(found) < MOST_FOUND and not any(s < end and start < e for _, s, e in found):
            found.append((kind, start, end))

    for kind, pattern in _OWN:
        for match in pattern.finditer(text):
            if not _EXAMPLES.search(match.group()):
                add(kind, *match.span())
    for line in re.finditer(r"[^\n]+", text):
        if len(found) == MOST_FOUND:
            break
        if _WORDS_FOR_KEY.search(line.group()):
            for kind, start, end in _library(line.group()[:_LONGEST_LINE]):
                add(kind, line.start() + start, line.start() + end)
    return sorted(found, key=lambda item: item[1])


def _library(line: str) -> Iterator[tuple[str, int, int]]:
    """What the kept library finds in a line. Its patterns give the range, since what it returns
    may be one group of the match only."""
    for name, detector in _detectors():
        if not any(detector.analyze_string(line)):
            continue
        for pattern in detector.denylist:
            for match in pattern.finditer(line):
                value = match.group()
                if not _EXAMPLES.search(value) and not _SEQUENCE.match(value):
                    yield name, *match.span()


def secrets_at(where: Where, text: str) -> list[tuple[str, int, int]]:
    """As ``secrets``; in a tool call the name of the argument is read too: what stands under
    'password' is one."""
    name = (where.argument or "").rpartition(".")[2]
    lead = f"{name}: " if name else ""
    found = secrets(lead + text)
    size = len(lead)
    return [(kind, max(0, start - size), end - size) for kind, start, end in found if end > size]


class Secret(Check):
    id = "secret"
    title = "Secrets"
    description = (
        "Keys, tokens, private keys and passwords of a known structure. Values are never shown, "
        "stored or logged."
    )
    severity = Severity.ERROR
    version = 2

    def applies(self, subject: Subject) -> bool:
        return True

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        for where, text in subject.texts():
            for kind, start, end in secrets_at(where, text):
                yield self.find(
                    f"This looks like a credential{where.inside}: {kind}, "
                    f"{masked(text[start:end])}.",
                    advice="Take it out. If it is real, it must be changed where it is used.",
                    where=replace(where, start=start, end=end),
                    kind=kind,
                    replacement="[secret]",
                )
