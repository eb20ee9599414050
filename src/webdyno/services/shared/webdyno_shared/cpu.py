"""A fixed computation that holds the GIL and whose answer can be checked: iterated SHA-256."""

import functools
import hashlib
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

ROUNDS = 1000


def digest(units):
    """The hex digest after `units * ROUNDS` rounds that begin with `b"webdyno"`."""
    state = b"webdyno"
    # Inputs of less than 2 KiB are hashed without releasing the GIL: the load is Python's, not a C library's.
    for _ in range(units * ROUNDS):
        state = hashlib.sha256(state).digest()
    return state.hex()


@functools.cache
def threads():
    """The threads of this process that compute, one per CPU."""
    return ThreadPoolExecutor(os.cpu_count(), "cpu")


@functools.cache
def processes():
    """The processes that compute for this one, one per CPU.

    They are spawned, since this process has threads by now, which a fork would leave half-way.
    """
    # Some servers run their workers as daemons, which multiprocessing lets start nothing.
    multiprocessing.current_process()._config["daemon"] = False
    return ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"))


def submit(units, mode):
    """Begin it in another thread or process; gives a `concurrent.futures.Future`."""
    return (threads() if mode == "thread" else processes()).submit(digest, units)


def compute(units, mode):
    """Do it, and wait for it."""
    return digest(units) if mode == "inline" else submit(units, mode).result()
