import time

from lib.uuid7 import uuid7


def test_uuid7_is_version_7_of_the_rfc_variant():
    made = uuid7()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"


def test_uuid7_carries_the_time_in_milliseconds():
    before = time.time_ns() // 1_000_000
    stamp = uuid7().int >> 80
    assert before <= stamp <= time.time_ns() // 1_000_000


def test_uuid7_differs():
    assert len({uuid7() for _ in range(10_000)}) == 10_000
