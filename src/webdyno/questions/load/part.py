"""What is left of a load that was interrupted: the seconds of its window that the engine had told of."""

from __future__ import annotations

from collections.abc import Sequence

from ...analysis.statistics.percentiles import Times
from ...lab.measure_load import LoadPlan
from ...loadgen.job import Tick
from ...model.fact import fact
from ...model.histogram import Histogram
from ...model.load_run import LoadPart
from ...report.load.load_facts import caused, kind_of_time
from ...texts.catalogue import told


def measured(ticks: Sequence[Tick]) -> list[Tick]:
    """Those of the window, without the warm-up."""
    return [tick for tick in ticks if tick.at_s > 0]


def part_of(ticks: Sequence[Tick], plan: LoadPlan) -> LoadPart | None:
    """Add up what was told of the window so far; of nothing, None."""
    seen = measured(ticks)
    measured_s = sum(tick.interval_s for tick in seen)
    if not measured_s:
        return None
    times = Histogram.merged(tick.times for tick in seen if tick.times)
    p50, p90, p99 = (Times(plan.job.load.reports, times, 0).shown_ms(q) for q in (0.5, 0.9, 0.99))
    return LoadPart(
        url=plan.target.url,
        scenario=plan.scenario,
        load=plan.job.load,
        window=plan.job.window,
        measured_s=measured_s,
        ok=sum(tick.ok for tick in seen),
        failed=sum(tick.failed for tick in seen),
        dropped=sum(tick.dropped for tick in seen),
        kind=plan.job.load.reports,
        p50_ms=p50,
        p90_ms=p90,
        p99_ms=p99,
        times=times.encode() if times.count else "",
    )


def in_words(part: LoadPart) -> tuple[str, ...]:
    """The part in one line for what came back and one for how long it took."""
    what = fact(
        "part.rate",
        measured_s=part.measured_s,
        duration_s=part.window.duration_s,
        rate=part.ok / part.measured_s,
        ok=part.ok,
        failed=part.failed,
    )
    if part.dropped:
        what = fact("part.dropped", what=what, dropped=caused("dropped", part.dropped))
    values = (("p50", part.p50_ms), ("p90", part.p90_ms), ("p99", part.p99_ms))
    known = tuple(fact("part.time", percentile=name, time_ms=ms) for name, ms in values if ms is not None)
    if not known:
        return (told(what),)
    return told(what), told(fact("part.times", kind=kind_of_time(part.kind), times=known))
