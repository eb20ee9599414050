"""Each flow of a scenario gone through once, before the clock starts: a load of wrong requests says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..errors import ContractBroken
from ..loadgen.driver import Generator
from ..loadgen.job import LoadJob
from ..loadgen.request_template import counters
from ..model.fact import fact
from ..model.histogram import Histogram
from ..model.load import ClosedLoad, Window
from ..model.scenario import Scenario, Step
from ..model.target import shortened
from ..model.trial import Counted
from ..texts.failure import failure
from ..units import printable

LONGEST_S = 3600.0
_MARGIN_S = 5.0
# Values that are drawn at random differ from those of the load, as where a name may be taken only once.
_OTHER_SEED = 0x5EED


class Rehearsed(NamedTuple):
    """What a rehearsal found.

    Attributes:
        counted: how many numbers of `${counter}` it has used.
        slowest_s: seconds from send to last byte of the slowest step.
    """

    counted: int
    slowest_s: float


def rehearse(generator: Generator, job: LoadJob) -> Rehearsed:
    """Go through every flow once, one after the other, without thinking.

    Args:
        generator: does it.
        job: the load to be rehearsed, with a scenario.

    Raises:
        ContractBroken: a step had another answer than it expects; what was seen is told.
        EngineFailed: the load generator failed.
    """
    assert job.scenario
    steps = [step for flow in job.scenario.flows for step in flow.steps]
    length_s = min(len(steps) * job.window.timeout_s + _MARGIN_S, LONGEST_S)
    result = generator.run(
        job.model_copy(
            update={
                "scenario": _hasty(job.scenario),
                "load": ClosedLoad(connections=1),
                "window": Window(warmup_s=0, duration_s=length_s, timeout_s=job.window.timeout_s),
                "seed": job.seed ^ _OTHER_SEED,
                "journeys": len(job.scenario.flows),
                "ticks": False,
                "seconds": False,
            }
        )
    )
    # Of a single step there are no figures beside those of the whole.
    tried = list(zip(steps, result.endpoints or (result,), strict=True))
    wrong = [(step, counted) for step, counted in tried if counted.failed]
    # Where the time is over before the last flow is, nothing failed and yet not everything was tried.
    wrong += [(step, counted) for step, counted in tried if not counted.ok]
    if wrong:
        raise _failed(*wrong[0])
    slowest_ns = Histogram.decode(result.service).quantile_ns(1) or 0.0
    return Rehearsed(sum(counters(text) for step in steps for text in _templates(step)), slowest_ns / 1e9)


def _templates(step: Step) -> Iterator[str]:
    request = step.request
    yield request.path
    yield from (value for _, value in request.headers)
    yield step.basic or ""
    yield (request.body or b"").decode("utf-8", "replace")


def _hasty(scenario: Scenario) -> Scenario:
    flows = tuple(
        flow.model_copy(update={"steps": tuple(step.model_copy(update={"think_s": (0.0, 0.0)}) for step in flow.steps)})
        for flow in scenario.flows
    )
    return scenario.model_copy(update={"flows": flows})


def _failed(step: Step, counted: Counted) -> ContractBroken:
    asked = f"{step.request.method} {shortened(step.request.path)}"
    seen = tuple(sample.detail for sample in counted.failure_samples) or ("no answer in time",)
    what = fact("step-failed", step=repr(printable(step.name)), asked=asked)
    return failure(ContractBroken, what, fact("right-scenario"), seen)
