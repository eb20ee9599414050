"""Whether the load generator itself was the limit: its core, its sockets, its templates."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.fact import Fact, fact
from ...model.load import ClosedLoad
from ...model.trial import EngineUse
from ..measured_load import MeasuredLoad
from .finding import FREE_CORE, Finding, severity

# Above it the generator's own queueing shows in the times: at 90 % of a core an M/D/1 queue waits 4.5 services long.
GENERATOR_BUSY = 0.90
# A loop that stood still for longer has delayed sends and reads by as much.
LOOP_GAP_S = 0.05
# Under closed load nothing is sent meanwhile: the throughput is lower by this share, as much as counts as a difference.
LOOP_GAP_INVALID = 0.02
# Under open load what came or was due meanwhile has waited: from this share of the requests on p99 is theirs.
LOOP_GAP_OPEN = 0.01
# As with stolen time: 5 % moves results by as much as what is usually compared.
CORE_WAIT_CAUTION = 0.05
# Most waits for a core are shorter than what the server has queued, which hides them; a fifth of the time is not.
CORE_WAIT_INVALID = 0.20
# Each connection waits while a request is written: the throughput is lower by up to this, as much as a difference.
RENDERING = 0.02


def generator_limited(measured: MeasuredLoad) -> Iterator[Finding]:
    """The load generator was the bottleneck, or stood still."""
    engine, window = measured.result.engine, measured.result.window_s
    if engine is None:
        return
    who, use, gap = _who(engine), _use(measured, engine), engine.loop_gap_max_s or 0.0
    closed = isinstance(measured.load, ClosedLoad)
    allowed = LOOP_GAP_INVALID * window if closed else max(LOOP_GAP_OPEN * window, LOOP_GAP_S)
    if use > GENERATOR_BUSY:
        what = fact("generator-limited.busy", who=who, busy=min(use, 1.0))
        yield Finding("generator-limited", "invalid", what, FREE_CORE, use)
    elif gap > allowed:
        what = fact("generator-limited.share", who=who, gap_s=gap, share=gap / window)
        yield Finding("generator-limited", "invalid", what, FREE_CORE, gap)
    elif gap > LOOP_GAP_S:
        what = fact("generator-limited.gap", who=who, gap_s=gap)
        yield Finding("generator-limited", "caution", what, FREE_CORE, gap)


def core_shared(measured: MeasuredLoad) -> Iterator[Finding]:
    """The load generator waited for a core; under closed load it sent nothing meanwhile."""
    engine = measured.result.engine
    share = ((engine and engine.core_wait_s) or 0.0) / measured.result.window_s
    if engine is None or share <= CORE_WAIT_CAUTION:
        return
    # Open load shows in `lag` what it did; where the servers share the core by plan, `shared-cpu` speaks for the run.
    decides = isinstance(measured.load, ClosedLoad) and measured.own_core
    what = fact("core-shared", who=_who(engine), share=min(share, 1.0))
    found = severity(share, CORE_WAIT_INVALID) if decides else "caution"
    yield Finding("core-shared", found, what, FREE_CORE, share)


def ports_exhausted(measured: MeasuredLoad) -> Iterator[Finding]:
    """This machine had no local port left: connections failed that the server never saw."""
    engine = measured.result.engine
    if count := engine and engine.ports_exhausted:
        yield Finding("ports-exhausted", "invalid", fact("ports-exhausted", count=count), fact("widen-ports"), count)


def descriptors_exhausted(measured: MeasuredLoad) -> Iterator[Finding]:
    """The load generator had no file descriptor left."""
    engine = measured.result.engine
    if count := engine and engine.descriptors_exhausted:
        what = fact("descriptors-exhausted", count=count)
        yield Finding("descriptors-exhausted", "invalid", what, fact("more-files"), count)


def out_of_sockets(measured: MeasuredLoad) -> bool:
    """Whether connections failed for want of a port or a descriptor, which is no failure of the server."""
    engine = measured.result.engine
    return bool(engine and (engine.ports_exhausted or engine.descriptors_exhausted))


def slow_templates(measured: MeasuredLoad) -> Iterator[Finding]:
    """Filling in templates took time in which closed load sent nothing."""
    engine = measured.result.engine
    share = (engine.render_s if engine else 0.0) / measured.result.window_s
    if isinstance(measured.load, ClosedLoad) and share > RENDERING:
        yield Finding("slow-templates", "caution", fact("slow-templates", share=share), fact("fewer-templates"), share)


def _use(measured: MeasuredLoad, engine: EngineUse) -> float:
    """The share of the time in which the loop could not take on more; 0 where it is not known."""
    window = measured.result.window_s
    if engine.busy_s is None:
        # A loop that spins fills its core whatever there is to do.
        return 0.0 if engine.spinning else engine.cpu_s / window
    waited = 0.0 if measured.own_core else engine.core_wait_s or 0.0
    return (engine.busy_s - waited) / window


def _who(engine: EngineUse) -> Fact:
    several = fact("busiest-process", processes=engine.processes)
    return fact("load-generator") if engine.processes == 1 else several
