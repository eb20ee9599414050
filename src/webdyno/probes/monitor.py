"""Watches a server's process tree and the machine while a trial runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator
from typing import NamedTuple

from ..model.trial import ResourceSample, ResourceUse
from .probe import Probe, Subject, Watcher
from .system import SystemReading, WindowUse, read_system, system_use
from .tree import ProcessTree, TreeSample


class _Mark(NamedTuple):
    """An end of a window: the moment it stands for, and what was read right after it."""

    at: float
    place: int
    system: SystemReading


class Monitor(Watcher):
    """Samples a process tree in a thread of its own while a window is open, as a context manager.

    The one who runs the trial calls `opened` and `closed` as soon as he learns that a measured window has opened or
    closed; each takes a sample at once, so that CPU time is read at the window's ends and not at some tick near them.

    Args:
        pid: the root of the tree.
        hz: samples per second.
        cpus: the CPUs that serve and load, whose steal matters; all where none is named.
    """

    def __init__(self, pid: int, hz: float = 10.0, cpus: Collection[int] = ()) -> None:
        self._tree = ProcessTree(pid)
        self._cpus = cpus
        self._period_s = 1.0 / hz
        self._samples: list[tuple[float, TreeSample]] = []
        self._opened: _Mark | None = None
        self._windows: list[tuple[_Mark, _Mark]] = []
        self._lock = threading.Lock()
        self._inside = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)

    def start(self) -> None:
        """Take the first sample and go on."""
        self._take()
        self._thread.start()

    def stop(self) -> None:
        """Take no more."""
        self._stopping.set()
        self._inside.set()
        self._thread.join()

    def opened(self, at: float) -> None:
        """A measured window opened at this moment of the monotonic clock."""
        self._opened = _Mark(at, self._take(), read_system(self._cpus))
        self._inside.set()

    def closed(self, at: float) -> None:
        """It closed at this moment of the monotonic clock."""
        self._inside.clear()
        if self._opened:
            self._windows.append((self._opened, _Mark(at, self._take(), read_system(self._cpus))))

    def used_s(self) -> float:
        """CPU seconds of the tree until now."""
        return self._samples[self._take(each=False)][1].cpu_s

    def found(self) -> ResourceUse:
        """What the tree and the machine used in the windows.

        Raises:
            RuntimeError: no window was opened and closed.
        """
        if not self._windows:
            raise RuntimeError("no window was opened and closed")
        first, last = self._samples[self._windows[0][0].place][1], self._samples[self._windows[-1][1].place][1]
        # What an app starts for a request, and lets go of after it, is no process that could be missed.
        stayed = self._samples[0][1].used_s.keys() & first.used_s.keys()
        samples = tuple(self._inside_samples())
        return ResourceUse(
            cpu_s=samples[-1].cpu_s,
            samples=samples,
            children_cpu_s=tuple(sorted(self._children_s(), reverse=True)),
            children_ended=len(stayed - last.used_s.keys()),
            children_begun=len(last.used_s.keys() - first.used_s.keys()),
            system=system_use([(opened.system, closed.system) for opened, closed in self._windows]),
        )

    def each(self) -> list[WindowUse]:
        """What the tree and the machine used in each window."""
        return [
            WindowUse(
                self._samples[closed.place][1].cpu_s - self._samples[opened.place][1].cpu_s,
                system_use([(opened.system, closed.system)]),
            )
            for opened, closed in self._windows
        ]

    def _inside_samples(self) -> Iterator[ResourceSample]:
        """Those of the windows, as if these had followed each other without a pause."""
        before_s = used_s = 0.0
        for opened, closed in self._windows:
            inside = self._samples[opened.place : closed.place + 1]
            start_s = inside[0][1].cpu_s - used_s
            for taken, sample in inside:
                # The last one is read a moment after the window's end, for which it stands.
                yield _resource_sample(before_s + min(taken, closed.at) - opened.at, sample, start_s)
            before_s += closed.at - opened.at
            used_s = inside[-1][1].cpu_s - start_s

    def _children_s(self) -> Iterator[float]:
        """What each process used in the windows that lived through all of them."""
        ends = [[self._samples[mark.place][1].used_s for mark in window] for window in self._windows]
        for who in set.intersection(*(set(used) for window in ends for used in window)):
            yield sum(after[who] - before[who] for before, after in ends)

    def _run(self) -> None:
        while True:
            self._inside.wait()
            if self._stopping.wait(self._period_s):
                return
            # What each used is asked of the ends only: of all samples it would be a long list for a large tree.
            self._take(each=False)

    def _take(self, *, each: bool = True) -> int:
        """Take a sample, with or without what `each` process used; its place among the samples."""
        with self._lock:
            taken, sample = time.monotonic(), self._tree.sample()
            self._samples.append((taken, sample if each else sample._replace(used_s={})))
            return len(self._samples) - 1


def _resource_sample(at_s: float, sample: TreeSample, start_s: float) -> ResourceSample:
    return ResourceSample(
        at_s=at_s,
        cpu_s=sample.cpu_s - start_s,
        rss_bytes=sample.rss_bytes,
        vms_bytes=sample.vms_bytes,
        processes=sample.processes,
        threads=sample.threads,
        descriptors=sample.descriptors,
    )


def _monitor(subject: Subject) -> Monitor:
    assert subject.pid is not None
    return Monitor(subject.pid, cpus=subject.cpus)


PROBE = Probe("resources", "CPU and memory of the process tree, and the machine; watches every trial", _monitor)
