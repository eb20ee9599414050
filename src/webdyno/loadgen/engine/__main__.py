"""The engine's process: one job after another, JSON lines in and out, until the input ends."""

from __future__ import annotations

import argparse
import gc
import os
import resource
import signal
import stat
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ...errors import WebdynoError
from ...model.base import Value
from ...model.load import ClosedLoad
from ...model.trial import LoadFigures
from ..job import Begin, Failed, Finished, LoadJob, Open, Ready, RunEvent
from .closed import ClosedExecution
from .execution import Execution
from .loop import ParentGone, clock
from .open import OpenExecution
from .parked import Parked


def main() -> None:
    """Serve jobs from standard input."""
    parser = argparse.ArgumentParser(prog="webdyno.loadgen.engine")
    parser.add_argument("--cpus", default="", help="processors to run on, as 0,1")
    parser.add_argument("--spin", action="store_true", help="wait for near arrivals by spinning")
    arguments = parser.parse_args()
    _prepare([int(cpu) for cpu in arguments.cpus.split(",") if cpu])
    parent = 0 if stat.S_ISFIFO(os.fstat(0).st_mode) else None
    parked = Parked()
    with suppress(ParentGone, BrokenPipeError):
        for line in sys.stdin.buffer:
            try:
                result = _measure(LoadJob.model_validate_json(line), parent, parked, spin=arguments.spin)
            except WebdynoError as error:
                _say(Failed(message=": ".join(filter(None, (error.message, error.remedy)))))
            else:
                _say(Finished(result=result))


def _prepare(cpus: list[int]) -> None:
    # Ctrl-C in a terminal reaches every process of the job; the parent decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if cpus:
        os.sched_setaffinity(0, cpus)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    # What was imported stays: to look through it before each job would take longer than to prepare one.
    gc.collect()
    gc.freeze()
    with suppress(OSError):
        # Sleeps end 50 us earlier than with the default.
        Path("/proc/self/timerslack_ns").write_text("1")


def _measure(job: LoadJob, parent: int | None, parked: Parked, *, spin: bool) -> LoadFigures:
    kept = parked if job.parks and not job.request.websocket else None
    emit: Callable[[RunEvent], None] = _say
    if isinstance(job.load, ClosedLoad):
        # Without a warm-up all counts from the beginning, which is the same moment for all.
        run: Execution = ClosedExecution(
            job, emit, parent, _told_to_open if job.waits and job.window.warmup_s else None, kept
        )
    else:
        run = OpenExecution(job, emit, parent, kept, spin=spin)
    gc.collect()
    gc.disable()
    try:
        return run.measure(_told_to_begin if job.waits else clock)
    finally:
        gc.enable()


def _told_to_begin() -> int:
    """Wait for the moment at which all begin, and say which it is."""
    _say(Ready())
    line = sys.stdin.buffer.readline()
    if not line:
        raise ParentGone
    begin = Begin.model_validate_json(line)
    time.sleep(max(begin.at - time.monotonic(), 0))
    return round(begin.at * 1e9)


def _told_to_open() -> int:
    """When the window opens: there is something to read."""
    line = sys.stdin.buffer.readline()
    if not line:
        raise ParentGone
    return round(Open.model_validate_json(line).at * 1e9)


def _say(value: Value) -> None:
    sys.stdout.write(value.model_dump_json() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
