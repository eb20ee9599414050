"""A probe of another package, run aside: neither its failures nor its waiting may cost the measurement."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread

from pydantic import ValidationError

from ..model.trial import ProbeFinding
from ..units import printable
from .probe import Probe, Subject, Watcher

MOST_BYTES = 64 * 1024
MOST_DEPTH = 20
# Once the last window has closed; until then it may take as long as it likes.
WITHIN_S = 2.0
_LONGEST_FAILURE = 300

_Told = Callable[[Watcher], object]


class Aside:
    """Makes a watcher and calls it in a thread of its own, in the order in which it is told.

    A thread that does not come back is left behind: Python has no means to end it, and it ends with webdyno.

    Args:
        probe: which one.
        subject: what it watches.
    """

    def __init__(self, probe: Probe, subject: Subject) -> None:
        self._told: SimpleQueue[_Told | None] = SimpleQueue()
        self._finding: ProbeFinding | None = None
        self._closed = False
        self._thread = Thread(target=self._run, args=(probe, subject), name=f"probe {probe.name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def opened(self, at: float) -> None:
        """Pass on that a window opened."""
        self._told.put(lambda watcher: watcher.opened(at))

    def closed(self, at: float) -> None:
        """Pass on that it closed."""
        self._closed = True
        self._told.put(lambda watcher: watcher.closed(at))

    def end(self) -> None:
        """Ask what it found, and let it end, without waiting for it."""
        if self._closed:
            self._told.put(self._ask)
        self._told.put(None)

    def finding(self, deadline: float) -> ProbeFinding:
        """What it found; waits until this moment of the monotonic clock for it, and for its end."""
        self.end()
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._finding is None:
            late = f"it did not come back within {WITHIN_S:g} s after the window"
            return ProbeFinding(failure=late if self._thread.is_alive() else "it was not asked: no window was measured")
        return self._finding

    def _ask(self, watcher: Watcher) -> None:
        self._finding = finding_of(watcher.found())

    def _run(self, probe: Probe, subject: Subject) -> None:
        try:
            with probe.watcher(subject) as watcher:
                for call in iter(self._told.get, None):
                    call(watcher)
        except BaseException as error:  # noqa: BLE001 - its thread ends here, and what it raised is told
            self._finding = ProbeFinding(failure=_failure(error))


def finding_of(value: object) -> ProbeFinding:
    """What a probe gave, where it can be kept; otherwise why not."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        if (size := len(text.encode())) > MOST_BYTES:
            return ProbeFinding(failure=f"it gave {size:,} bytes of JSON; {MOST_BYTES:,} are kept at most")
        if _deeper(value, MOST_DEPTH):
            return ProbeFinding(failure=f"it gave lists or objects more than {MOST_DEPTH} deep")
        return ProbeFinding(value=json.loads(text))
    except (TypeError, ValueError, RecursionError, ValidationError) as error:
        return ProbeFinding(failure=f"it gave what cannot be kept as JSON: {_failure(error)}")


def _deeper(value: object, levels: int) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return levels < 0 or any(map(partial(_deeper, levels=levels - 1), inside))


def _failure(error: BaseException) -> str:
    return printable(f"{type(error).__name__}: {error}".replace("\n", " "))[:_LONGEST_FAILURE]
