"""Watches a server's process tree and the machine while a trial runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from typing import NamedTuple

from ..model.trial import ResourceSample, ResourceUse
from .probe import Probe, Subject, Watcher
from .system import SystemReading, read_system, system_use
from .tree import ProcessTree, TreeSample


class _Mark(NamedTuple):
    """An end of the window: the moment it stands for, and what was read right after it."""

    at: float
    place: int
    system: SystemReading


class Monitor(Watcher):
    """Samples a process tree in a thread of its own, as a context manager.

    The one who runs the trial calls `opened` and `closed` as soon as he learns that the measured window has opened or
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
        self._closed: _Mark | None = None
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)

    def start(self) -> None:
        """Take the first sample and go on."""
        self._take()
        self._thread.start()

    def stop(self) -> None:
        """Take no more."""
        self._stopping.set()
        self._thread.join()

    def opened(self, at: float) -> None:
        """The measured window opened at this moment of the monotonic clock."""
        self._opened = _Mark(at, self._take(), read_system(self._cpus))

    def closed(self, at: float) -> None:
        """The measured window closed at this moment of the monotonic clock."""
        self._closed = _Mark(at, self._take(), read_system(self._cpus))

    def found(self) -> ResourceUse:
        """What the tree and the machine used between the two marks.

        Raises:
            RuntimeError: the window was not opened and closed.
        """
        if self._opened is None or self._closed is None:
            raise RuntimeError("the window was not opened and closed")
        inside = self._samples[self._opened.place : self._closed.place + 1]
        start_s = inside[0][1].cpu_s
        samples = tuple(_resource_sample(taken - self._opened.at, sample, start_s) for taken, sample in inside)
        before, after = inside[0][1].used_s, inside[-1][1].used_s
        # What an app starts for a request, and lets go of after it, is no process that could be missed.
        stayed = self._samples[0][1].used_s.keys() & before.keys()
        return ResourceUse(
            cpu_s=samples[-1].cpu_s,
            samples=samples,
            children_cpu_s=tuple(
                sorted((after[who] - before[who] for who in before.keys() & after.keys()), reverse=True)
            ),
            children_ended=len(stayed - after.keys()),
            children_begun=len(after.keys() - before.keys()),
            system=system_use(self._opened.system, self._closed.system),
        )

    def _run(self) -> None:
        while not self._stopping.wait(self._period_s):
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
