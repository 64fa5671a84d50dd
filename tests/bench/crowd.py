"""A crowd of clients, each a process with a connection of its own.

Threads of one Python process take turns at its one interpreter, so that a crowd of them measures the queue
before the interpreter; people come to several web processes, and so do these.
"""

import multiprocessing
import time
from collections.abc import Callable, Sequence

from django.db import connections

from tests.bench.measure import Timing

_FORKING = multiprocessing.get_context("fork")


def timed_crowd(
    operation: Callable[[object], object], things: Sequence[object], clients: int
) -> tuple[Timing, list[object]]:
    """Run the operation on each thing, shared out among so many processes that start together.

    Return how long each took, and what each gave. The first of each client is done before the clock
    starts: a connection that has asked nothing yet is slow once. Only picklable results come back.
    """
    # A connection must not be shared with the children.
    connections.close_all()
    start = _FORKING.Barrier(clients)
    pipes, children = [], []
    for number in range(clients):
        here, there = _FORKING.Pipe(duplex=False)
        child = _FORKING.Process(
            target=_client, args=(operation, things[number::clients], start, there)
        )
        child.start()
        there.close()
        pipes.append(here)
        children.append(child)
    answers = [_answer(pipe) for pipe in pipes]
    for child in children:
        child.join()
    problems = [answer for answer in answers if isinstance(answer, str)]
    if problems:
        raise RuntimeError(problems[0])
    began = min(began for began, _, _, _ in answers)
    ended = max(ended for _, ended, _, _ in answers)
    each = [took for _, _, times, _ in answers for took in times]
    given = [one for _, _, _, results in answers for one in results]
    return Timing(each, ended - began, clients), given


def _client(operation, things, start, pipe):
    try:
        results = [operation(things[0])]
        times = []
        start.wait(timeout=120)
        began = time.perf_counter()
        for thing in things[1:]:
            before = time.perf_counter()
            results.append(operation(thing))
            times.append(time.perf_counter() - before)
        pipe.send((began, time.perf_counter(), times, results))
    except Exception as problem:
        start.abort()
        pipe.send(f"{type(problem).__name__}: {problem}")
    finally:
        connections.close_all()
        pipe.close()


def _answer(pipe):
    try:
        return pipe.recv()
    except EOFError:
        return "a client ended without an answer"
