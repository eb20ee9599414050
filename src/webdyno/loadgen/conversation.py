"""One job, talked over with the processes that do it."""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Sequence

from ..errors import EngineFailed
from ..model.base import Value
from ..model.trial import LoadFigures
from .engine_process import EngineProcess, Message
from .job import Begin, Failed, Finished, LoadEvent, LoadJob, Open, Ready, Steady

# From the word to begin, or to open the window, until it happens: enough for all to have heard it.
NOTICE_S = 0.05


def converse(
    engines: Sequence[EngineProcess], jobs: Sequence[LoadJob], hear: Callable[[int, LoadEvent], None], deadline: float
) -> list[LoadFigures]:
    """Hand over the jobs, one to each process, and listen to all at once until each has its result.

    Args:
        engines: who does it.
        jobs: what each does.
        hear: is told, in this thread, what the process of that place says meanwhile.
        deadline: of the whole, on the monotonic clock.

    Raises:
        EngineFailed: a process refused its job, died, fell silent, or broke the protocol.
    """
    with selectors.DefaultSelector() as selector:
        return _Conversation(engines, jobs, hear, selector).hold(deadline)


class _Conversation:
    def __init__(
        self,
        engines: Sequence[EngineProcess],
        jobs: Sequence[LoadJob],
        hear: Callable[[int, LoadEvent], None],
        selector: selectors.BaseSelector,
    ) -> None:
        self._engines = engines
        self._hear = hear
        self._selector = selector
        self._begun = not jobs[0].waits
        self._ready: set[int] = set()
        self._steady: set[int] = set()
        self._results: dict[int, LoadFigures] = {}
        for place, (engine, job) in enumerate(zip(engines, jobs, strict=True)):
            selector.register(engine.stdout, selectors.EVENT_READ, place)
            engine.tell(job)
            selector.register(engine.stdin, selectors.EVENT_WRITE, place)

    def hold(self, deadline: float) -> list[LoadFigures]:
        begun = time.monotonic()
        while len(self._results) < len(self._engines):
            left = deadline - time.monotonic()
            if left <= 0:
                raise self._silent().failed(f"broke off (no word from it within {deadline - begun:.0f} s)")
            for key, events in self._selector.select(left):
                engine = self._engines[key.data]
                if events & selectors.EVENT_READ:
                    for message in engine.read():
                        self._take(key.data, message)
                elif engine.write():
                    self._selector.unregister(engine.stdin)
        return [result for _, result in sorted(self._results.items())]

    def _take(self, place: int, message: Message) -> None:
        engine = self._engines[place]
        match message:
            case Ready():
                self._ready.add(place)
                if len(self._ready) == len(self._engines):
                    self._begun = True
                    self._tell_all(Begin(at=time.monotonic() + NOTICE_S))
            case Steady():
                self._steady.add(place)
                if len(self._steady) == len(self._engines):
                    self._tell_all(Open(at=time.monotonic() + NOTICE_S))
            case Finished():
                self._results[place] = message.result
                self._selector.unregister(engine.stdout)
            case Failed():
                raise EngineFailed(f"{engine.name} refused the job: {message.message}")
            case _:
                self._hear(place, message)

    def _tell_all(self, value: Value) -> None:
        for place, engine in enumerate(self._engines):
            engine.tell(value)
            self._selector.register(engine.stdin, selectors.EVENT_WRITE, place)

    def _silent(self) -> EngineProcess:
        """The first process that is waited for."""
        waiting = 0 < len(self._steady) < len(self._engines)
        spoke = self._ready if not self._begun else self._steady if waiting else self._results
        return next(engine for place, engine in enumerate(self._engines) if place not in spoke)
