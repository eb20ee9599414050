"""The load engine against its peers: how fast, how punctual, at what cost, and whether its times agree with wrk's.

The target is nginx returning 27 bytes, on one core; every load comes from the other. `--long` adds the memory that two
minutes of load take.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import psutil

from webdyno.loadgen.driver import Generator, Seat
from webdyno.loadgen.drivers.wrk import DRIVER as WRK
from webdyno.loadgen.generator import LoadGenerator
from webdyno.loadgen.job import LoadJob
from webdyno.model.histogram import Histogram
from webdyno.model.load import ClosedLoad, Load, OpenLoad, Window
from webdyno.model.trial import LoadFigures
from webdyno.model.workload import Expected, Request

from .peer_target import BODY, WORK, WORK_HEADER, find, nginx
from .peer_tools import PEERS, missing, rate

CONNECTIONS = 32
ROUNDS = 3
ROUND_S = 2
WARMUP_S = 0.3
PEER_GOALS = {"wrk": 0.9, "hey": 2.5, "locust": 10.0}
RATES = (1_000, 10_000, 40_000)
# On time: sent within it. A rate holds if all but 0.5 % of the requests are, and its lag is low.
ON_TIME_NS, ON_TIME_SHARE, LAG_P99_US = 1_000_000, 0.995, 100.0
FIRST_RATE, HIGHEST_RATE, BISECTIONS = 5_000, 320_000, 4
# Another process on the core spoils a second; one that holds in one of so many tries can be held.
TRIES = 3
QUANTILES = (0.5, 0.99, 0.999)
MEMORY_RATE, MEMORY_AT_S = 40_000, (10, 120)


def main(arguments: Sequence[str] = ()) -> None:
    """Print the table."""
    for name, how in missing().items():
        print(f"{name} is missing; get it with: {how}")
    server, taskset = find("nginx"), find("taskset")
    cores = sorted(os.sched_getaffinity(0))
    if not server or not taskset or len(cores) < 2:
        print("not run: it needs nginx, taskset and two cores")
        return
    load_core, server_core = cores[:2]
    print(f"load average {os.getloadavg()[0]:.2f} at the start; a figure is only as good as the cores were idle")
    with (
        nginx([taskset, "-c", str(server_core), server]) as port,
        LoadGenerator(cpus=[load_core]) as generator,
    ):
        bench = _Bench(generator, port, load_core, taskset)
        bench.speed()
        bench.agreement()
        bench.punctuality()
        bench.highest_rate()
        if "--long" in arguments:
            bench.memory()


class Ask(NamedTuple):
    """What is asked, and what must come back."""

    request: Request
    expected: Expected


HELLO = Ask(Request(), Expected(length=len(BODY), body=BODY))
HARD = Ask(Request(path=WORK, headers=(WORK_HEADER,)), Expected())


class _Bench:
    def __init__(self, generator: LoadGenerator, port: int, cpu: int, taskset: str) -> None:
        self.generator, self.port, self.cpus = generator, port, (cpu,)
        self.prefix = [taskset, "-c", str(cpu)]
        self.url = f"http://127.0.0.1:{port}/"

    def run(
        self,
        load: Load,
        seconds: float = ROUND_S,
        on_open: Callable[[], None] = lambda: None,
        *,
        ask: Ask = HELLO,
        generator: Generator | None = None,
    ) -> LoadFigures:
        job = LoadJob(
            host="127.0.0.1",
            port=self.port,
            request=ask.request,
            expected=ask.expected,
            load=load,
            window=Window(warmup_s=WARMUP_S, duration_s=seconds),
        )
        result = (generator or self.generator).run(
            job, lambda event: on_open() if event.name == "window-opened" else None
        )
        if result.failed:
            raise SystemExit(f"unexpected failures: {result.failure_samples}")
        return result

    def speed(self) -> None:
        """Closed load, in rounds that alternate between all; the ratios are medians over the rounds.

        Where nginx is the limit, or others take the cores, rates say little of the tools: requests per second of the
        tool's own CPU time do (start and warm-up of the tool included).
        """
        print(f"closed, {CONNECTIONS} connections, median of {ROUNDS} rounds of {ROUND_S} s")
        seen: dict[str, list[tuple[float, float]]] = {}
        for _ in range(ROUNDS):
            result = self.run(ClosedLoad(connections=CONNECTIONS))
            assert result.engine
            ours = (result.throughput, result.completed / result.engine.cpu_s)
            seen.setdefault("webdyno", []).append(ours)
            for name in filter(find, PEERS):
                before = _children_cpu_s()
                theirs = rate(name, self.prefix, CONNECTIONS, ROUND_S, self.url)
                per_cpu_s = theirs * ROUND_S / (_children_cpu_s() - before)
                seen.setdefault(name, []).append((theirs, per_cpu_s))
        for name, rounds in seen.items():
            each, per_cpu = (statistics.median(column) for column in zip(*rounds, strict=True))
            line = f"  {name:8} {each:>9,.0f} req/s {per_cpu:>9,.0f} per CPU second"
            if name != "webdyno":
                pairs = list(zip(seen["webdyno"], rounds, strict=True))
                by_rate, by_cpu = (statistics.median(a[at] / b[at] for a, b in pairs) for at in (0, 1))
                line += f"   webdyno has {by_rate:5.2f} and {by_cpu:5.2f} times as many"
            if goal := PEER_GOALS.get(name):
                line += f" (to reach: {goal:g})"
            print(line)

    def agreement(self) -> None:
        """The same closed load through both, in turn; wrk's histogram as it was before wrk added to it.

        Where nginx returns 27 bytes the load tool is the limit, and the times are its own: wrk sends in the turn of its
        loop after the one that read the answer, and times from that send on, while webdyno sends at once. Where nginx
        is the limit, they time the same.
        """
        if not find("wrk"):
            return
        print(f"latency webdyno / wrk, closed, {CONNECTIONS} connections, median of {ROUNDS} rounds of {ROUND_S} s")
        for name, ask in (("nginx is the limit (to reach: 5 %, 10 %)", HARD), ("the tool is the limit", HELLO)):
            rounds = [self._latencies(ask) for _ in range(ROUNDS)]
            print(f"  {name}")
            for q, pairs in zip((0.5, 0.99), zip(*rounds, strict=True), strict=True):
                ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
                ratio = statistics.median(ours / theirs for ours, theirs in pairs)
                print(f"    p{q * 100:g}  {ours:>8,.0f} us  {theirs:>8,.0f} us  {ratio:.3f}")

    def _latencies(self, ask: Ask) -> list[tuple[float, ...]]:
        """Of p50 and p99, in microseconds: ours and wrk's."""
        load = ClosedLoad(connections=CONNECTIONS)
        with WRK.generator(Seat(self.cpus)) as wrk:
            results = [self.run(load, ask=ask), self.run(load, ask=ask, generator=wrk)]
        ours, theirs = (Histogram.decode(result.service) for result in results)
        return [tuple((times.quantile_ns(q) or 0) / 1e3 for times in (ours, theirs)) for q in (0.5, 0.99)]

    def punctuality(self) -> None:
        """Lag at given rates, and what of a core that takes."""
        print(f"open, lag in us over {ROUND_S} s (to reach: p99 <= 50; at 1,000/s <= 30 % of a core with p99 <= 300)")
        for load in (OpenLoad(rate=r, arrivals=a) for r in RATES for a in ("constant", "poisson")):
            result = self.run(load)
            lag = " ".join(f"p{q * 100:g} {_lag_us(result, q):>7,.0f}" for q in QUANTILES)
            assert result.engine
            cpu = result.engine.cpu_s / result.window_s
            print(
                f"  {load.arrivals:8} {load.rate:>7,.0f}/s  {lag}   {cpu:4.0%} of a core"
                f"   {result.completed / result.window_s:>7,.0f} answers/s"
            )

    def highest_rate(self) -> None:
        """The highest rate that holds: doubled until one does not, then halved in between."""
        print(f"open, highest rate with {ON_TIME_SHARE:.1%} sent within 1 ms and lag p99 <= {LAG_P99_US:g} us")
        for arrivals in ("constant", "poisson"):
            low, high = 0.0, float(FIRST_RATE)
            while high <= HIGHEST_RATE and self._holds(OpenLoad.model_validate({"rate": high, "arrivals": arrivals})):
                low, high = high, 2 * high
            for _ in range(BISECTIONS):
                middle = (low + high) / 2
                if self._holds(OpenLoad.model_validate({"rate": middle, "arrivals": arrivals})):
                    low = middle
                else:
                    high = middle
            print(f"  {arrivals:8} {low:>9,.0f}/s (to reach: 40,000)")

    def _holds(self, load: OpenLoad) -> bool:
        return any(_punctual(self.run(load, seconds=1)) for _ in range(TRIES))

    def memory(self) -> None:
        """Resident memory of the engine within one long run."""
        sampled: list[int] = []

        def sample() -> None:
            assert self.generator.pid
            sampled.append(psutil.Process(self.generator.pid).memory_info().rss)

        # The second sample is taken a second before the end, while the load still runs.
        timers = [threading.Timer(at, sample) for at in (MEMORY_AT_S[0], MEMORY_AT_S[1] - 1)]

        def start() -> None:
            for timer in timers:
                timer.start()

        started = time.monotonic()
        self.run(OpenLoad(rate=MEMORY_RATE), MEMORY_AT_S[1], start)
        early, late = (value / 2**20 for value in sampled)
        print(
            f"memory at {MEMORY_RATE:,}/s: {early:.1f} MiB after {MEMORY_AT_S[0]} s, {late:.1f} MiB after"
            f" {time.monotonic() - started:.0f} s; it grew by {late - early:.1f} MiB (to reach: <= 2)"
        )


def _children_cpu_s() -> float:
    use = resource.getrusage(resource.RUSAGE_CHILDREN)
    return use.ru_utime + use.ru_stime


def _lag_us(result: LoadFigures, q: float) -> float:
    return (Histogram.decode(result.lag).quantile_ns(q) or 0.0) / 1e3


def _punctual(result: LoadFigures) -> bool:
    times, counts = Histogram.decode(result.lag).points()
    on_time = int(counts[times <= ON_TIME_NS].sum()) / result.scheduled
    return on_time >= ON_TIME_SHARE and _lag_us(result, 0.99) <= LAG_P99_US


if __name__ == "__main__":
    main(sys.argv[1:])
