"""Each flow of a scenario gone through once, before the clock starts: a load of wrong requests says nothing."""

from __future__ import annotations

from ..errors import ContractBroken
from ..load.generator import LoadGenerator
from ..load.job import LoadJob
from ..model.load import ClosedLoad, Window
from ..model.scenario import Scenario
from ..model.trial import EndpointResult
from ..units import printable
from .load_target import shortened

LONGEST_S = 3600.0
_MARGIN_S = 5.0
# Values that are drawn at random differ from those of the load, as where a name may be taken only once.
_OTHER_SEED = 0x5EED


def rehearse(generator: LoadGenerator, job: LoadJob) -> None:
    """Go through every flow once, one after the other, without thinking.

    Args:
        generator: does it.
        job: the load to be rehearsed, with a scenario.

    Raises:
        ContractBroken: a step had another answer than it expects; what was seen is told.
        EngineFailed: the load generator failed.
    """
    assert job.scenario
    steps = sum(len(flow.steps) for flow in job.scenario.flows)
    length_s = min(steps * job.window.timeout_s + _MARGIN_S, LONGEST_S)
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
    wrong = [endpoint for endpoint in result.endpoints if endpoint.failed]
    # Where the time is over before the last flow is, nothing failed and yet not everything was tried.
    for endpoint in (*wrong, *(endpoint for endpoint in result.endpoints if not endpoint.ok)):
        raise _failed(endpoint)


def _hasty(scenario: Scenario) -> Scenario:
    flows = tuple(
        flow.model_copy(update={"steps": tuple(step.model_copy(update={"think_s": (0.0, 0.0)}) for step in flow.steps)})
        for flow in scenario.flows
    )
    return scenario.model_copy(update={"flows": flows})


def _failed(endpoint: EndpointResult) -> ContractBroken:
    step = f"{printable(endpoint.name)!r} ({endpoint.method} {shortened(endpoint.path)})"
    seen = tuple(sample.detail for sample in endpoint.failure_samples) or ("no answer in time",)
    remedy = "correct the scenario, or the server; nothing was measured"
    return ContractBroken(f"the step {step} failed when it was tried", remedy, seen)
