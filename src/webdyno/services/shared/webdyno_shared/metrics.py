"""What this process and its machine use: now, and over the last 60 samples."""

import os
import threading
import time
from collections import deque

import psutil

from .settings import STATS_INTERVAL_S

SAMPLES = 60
_NOW_S = 1.0
_MB = 1024 * 1024


class _CpuMeter:
    """CPU use between two looks, in per cent of all CPUs (system) and of one CPU (process)."""

    def __init__(self):
        self._process = psutil.Process()
        self._before = self._look()

    def read(self):
        before, self._before = self._before, self._look()
        (wall, idle, total, own), now = before, self._before
        elapsed, spent = now[0] - wall, now[2] - total
        system = 100.0 * (1 - (now[1] - idle) / spent) if spent > 0 else 0.0
        process = 100.0 * (now[3] - own) / elapsed if elapsed > 0 else 0.0
        return round(min(max(system, 0.0), 100.0), 1), round(max(process, 0.0), 1)

    def _look(self):
        system, own = psutil.cpu_times(), self._process.cpu_times()
        idle = system.idle + getattr(system, "iowait", 0.0)
        # `guest` is part of `user` on Linux.
        total = sum(system) - getattr(system, "guest", 0.0) - getattr(system, "guest_nice", 0.0)
        return time.monotonic(), idle, total, own.user + own.system


class Metrics:
    """Samples taken by a thread of their own, so that no request waits for one."""

    def __init__(self, interval_s=STATS_INTERVAL_S):
        self._interval_s = interval_s
        self._lock = threading.Lock()
        self._pid = None

    def start(self):
        """Begin to measure; nothing where this process does so already."""
        with self._lock:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
            self._process = psutil.Process()
            self._ring = deque([self._sample(0.0, 0.0)], SAMPLES)
            self._now = self._ring[0]
            threading.Thread(target=self._run, name="metrics", daemon=True).start()

    def now(self):
        """The document of `/status`: a reading at most a second old."""
        self.start()
        return {"pid": os.getpid(), **self._now}

    def history(self):
        """The document of `/stats`."""
        self.start()
        samples = list(self._ring)
        summary = {part: _summary([sample[part] for sample in samples]) for part in ("system", "process")}
        return {"pid": os.getpid(), "interval_s": self._interval_s, "samples": samples, "summary": summary}

    def _run(self):
        short, long = _CpuMeter(), _CpuMeter()
        tick = min(_NOW_S, self._interval_s)
        due = time.monotonic() + self._interval_s
        while True:
            time.sleep(tick)
            self._now = self._sample(*short.read())
            if time.monotonic() >= due - tick / 2:
                due += self._interval_s
                self._ring.append(self._sample(*long.read()))

    def _sample(self, system_cpu, process_cpu):
        memory, own = psutil.virtual_memory(), self._process.memory_info()
        return {
            "time": round(time.time(), 3),
            "system": {
                "cpu_percent": system_cpu,
                "memory_percent": memory.percent,
                "memory_used_mb": round(memory.used / _MB, 1),
                "memory_available_mb": round(memory.available / _MB, 1),
            },
            "process": {
                "cpu_percent": process_cpu,
                "rss_mb": round(own.rss / _MB, 1),
                "vms_mb": round(own.vms / _MB, 1),
            },
        }


def _summary(samples):
    columns = {name: [sample[name] for sample in samples] for name in samples[0]}
    return {
        name: {"min": min(column), "max": max(column), "avg": round(sum(column) / len(column), 3)}
        for name, column in columns.items()
    }


metrics = Metrics()
# A server that imports the app and then forks leaves the thread behind; the next question starts a new one.
os.register_at_fork(after_in_child=lambda: metrics.__init__(metrics._interval_s))
