"""The load generator as the lab sees it: one engine process or several, given jobs one after another."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

from ..model.load import OpenLoad
from ..model.trial import LoadFigures
from .conversation import converse
from .driver import Generator, ignore
from .engine_process import EngineProcess
from .job import LoadEvent, LoadJob
from .merge import merge_results
from .shares import shares
from .together import Together

# Beyond the job's own length: starting, preparing the schedule, awaiting late answers, all on a busy machine.
MARGIN_S = 15.0
_CLOSE_S = 1.0


class LoadGenerator(Generator):
    """Owns the engine processes, each in a session of its own; a context manager.

    They are started by `start` or by the first job, and anew by the first job after one failed.
    """

    def __init__(
        self,
        *,
        cpus: Sequence[int] | None = None,
        env: Mapping[str, str] | None = None,
        spin: bool | None = None,
        processes: int = 1,
    ) -> None:
        """Say where and how the engine is to run.

        Args:
            cpus: the processors to run on; None for any. Several processes divide them among themselves.
            env: added to the environment.
            spin: wait for the last moment before an arrival by spinning, which is more exact, but would take its
                processor from the server or from another process; None: where there is one for each, and one more.
            processes: how many the load comes from, where one core is not enough for it.
        """
        self._cpus = tuple(cpus or ())
        self._env = dict(env or {})
        self._spin = self._has_room(processes) if spin is None else spin
        self._processes = processes
        self._engines: list[EngineProcess] = []

    def _has_room(self, processes: int) -> bool:
        return len(os.sched_getaffinity(0)) > processes and (not self._cpus or len(self._cpus) >= processes)

    @property
    def pids(self) -> tuple[int, ...]:
        """The engine's processes, each of which leads its own group; none before the start."""
        return tuple(engine.pid for engine in self._engines)

    @property
    def pid(self) -> int | None:
        """The first of them, the only one unless more were asked for."""
        return self.pids[0] if self._engines else None

    def start(self) -> None:
        """Begin to start the engine, without waiting for it.

        Raises:
            EngineFailed: the system starts no further process.
        """
        for place in range(len(self._engines), self._processes):
            alone = self._processes == 1
            name = "the load generator" if alone else f"process {place + 1} of {self._processes} of the load generator"
            # Where there are fewer processors than processes, some share one.
            own = self._cpus and (self._cpus[place :: self._processes] or (self._cpus[place % len(self._cpus)],))
            self._engines.append(EngineProcess(name, cpus=own, spin=self._spin, env=self._env))

    def run(self, job: LoadJob, on_event: Callable[[LoadEvent], None] = ignore) -> LoadFigures:
        """Do one job and wait for its result.

        Args:
            job: what to do.
            on_event: called in this thread as soon as the window opens and closes, and at each tick if the job asks for
                them.

        Raises:
            EngineFailed: the engine refused the job, died, fell silent, or broke its own protocol. Of several
                processes it takes one.
        """
        jobs = shares(job, self._processes)
        alone = len(jobs) == 1
        hear = (
            (lambda _, event: on_event(event)) if alone else Together(len(jobs), job.window.duration_s, on_event).take
        )
        results = self._converse(jobs, hear)
        if alone:
            return results[0]
        return merge_results(results, open_load=isinstance(job.load, OpenLoad), seconds=job.seconds)

    def run_each(self, jobs: Sequence[LoadJob], on_event: Callable[[int, LoadEvent], None]) -> list[LoadFigures]:
        """Do several jobs at the same time, one in each process, and wait for all results.

        Args:
            jobs: no more than there are processes; their windows open together.
            on_event: as in `run`, with the place of the job.

        Raises:
            EngineFailed: as in `run`.
        """
        return self._converse([job.model_copy(update={"waits": len(jobs) > 1}) for job in jobs], on_event)

    def _converse(self, jobs: Sequence[LoadJob], hear: Callable[[int, LoadEvent], None]) -> list[LoadFigures]:
        try:
            self.start()
            deadline = time.monotonic() + max(map(_longest_s, jobs)) + MARGIN_S
            return converse(self._engines[: len(jobs)], jobs, hear, deadline)
        except BaseException:
            # In the middle of a job: what it says from here on would be taken for the next one's.
            self.close()
            raise

    def close(self) -> None:
        """Stop the engine; kill what does not end at once."""
        engines, self._engines = self._engines, []
        deadline = time.monotonic() + _CLOSE_S
        with ExitStack() as stack:
            for engine in engines:
                stack.callback(engine.close, deadline)
            for engine in engines:
                engine.hang_up()


def _longest_s(job: LoadJob) -> float:
    """How long a job takes at most.

    The window waits until every connection has had an answer or its time-out, in connecting and in asking, and as long
    again until all are spread; the last answers are awaited for a time-out.
    """
    window = job.window
    steady_s = 4 * window.timeout_s if window.warmup_s else 0.0
    return window.warmup_s + steady_s + window.duration_s + window.timeout_s
