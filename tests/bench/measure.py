"""Time things, and say how many probes one of them costs."""

import resource
import statistics
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import connection


@dataclass
class Timing:
    """What was measured: seconds of each operation, and the whole by the clock on the wall."""

    each: list[float]
    wall: float
    clients: int = 1

    @property
    def rate(self):
        return len(self.each) / self.wall

    def percentile(self, share):
        ranked = sorted(self.each)
        return ranked[min(len(ranked) - 1, int(len(ranked) * share))] * 1000

    @property
    def p50_ms(self):
        return statistics.median(self.each) * 1000

    @property
    def p95_ms(self):
        return self.percentile(0.95)


@dataclass
class Row:
    """One line of the table; the fields of docs/reference/bench.json."""

    case: str
    size: str
    clients: int
    value: float
    unit: str
    p50_ms: float | None = None
    p95_ms: float | None = None
    probe: str = ""
    ratio: float | None = None
    rss_mb: float = field(default_factory=lambda: rss_mb())

    @classmethod
    def of(cls, case, size, timing, *, probe, probe_timing, unit="per second"):
        """A case whose operations each cost so and so many probes (medians)."""
        return cls(
            case=case,
            size=size,
            clients=timing.clients,
            value=timing.rate,
            unit=unit,
            p50_ms=timing.p50_ms,
            p95_ms=timing.p95_ms,
            probe=probe,
            ratio=timing.p50_ms / probe_timing.p50_ms,
        )

    @classmethod
    def of_bulk(cls, case, size, *, rows, seconds, probe, probe_seconds):
        """A case that handles many rows at once: the ratio is time over the probe's time."""
        return cls(
            case=case,
            size=size,
            clients=1,
            value=rows / seconds,
            unit="rows per second",
            probe=probe,
            ratio=seconds / probe_seconds,
        )


def rss_mb():
    """The most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(
    operation: Callable[[object], object], things: Iterable[object], clients: int = 1
) -> Timing:
    """Run the operation on each thing, by that many clients at once, each with a connection of its own."""
    waiting = list(things)
    each, errors, lock = [], [], threading.Lock()

    def work():
        try:
            while True:
                with lock:
                    if not waiting or errors:
                        return
                    thing = waiting.pop()
                started = time.perf_counter()
                operation(thing)
                took = time.perf_counter() - started
                with lock:
                    each.append(took)
        except Exception as problem:
            with lock:
                errors.append(problem)
        finally:
            if clients > 1:
                connection.close()

    started = time.perf_counter()
    if clients == 1:
        work()
    else:
        threads = [threading.Thread(target=work) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]
    return Timing(each, time.perf_counter() - started, clients)


def once(operation: Callable[[], object]) -> float:
    """Run something once; return its seconds."""
    started = time.perf_counter()
    operation()
    return time.perf_counter() - started


def select_probe(table="annotation_task", times=300) -> Timing:
    """A bare indexed SELECT of one row: the cheapest question a page can ask."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(id), max(id) FROM {table}")
        low, high = cursor.fetchone()
    step = max(1, (high - low) // times)

    def ask(number):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table} WHERE id = %s", [number])
            cursor.fetchone()

    return timed(ask, range(low, high, step))


def insert_probe(times=300) -> Timing:
    """One committed insert of a small row: the cheapest thing a page can save."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS bench_probe (id bigserial PRIMARY KEY, word text)"
        )

    def save(number):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_probe (word) VALUES (%s)", [f"word {number}"])

    return timed(save, range(times))
