"""A rate ladder past what the generator itself can do: where its figures are off, the analysis says so."""

import numpy as np
import pytest

from webdyno.loadgen.generator import LoadGenerator
from webdyno.model.load import OpenLoad

from .truth_run import nearest_rank, open_job, quantile_s, run
from .truth_server import Plan

pytestmark = pytest.mark.timed

# Answers with so many headers cost their reader hundreds of times what they cost their sender, so the generator is the
# limit, by far, and what the server logs is what a generator without limit would have seen.
HEADERS = 2500
# As servers are: a few answers take far longer than most.
DELAYS_S = (0.15, *[0.03] * 24)
RUNGS = (100, 400, 1600, 6400)
OFF = 0.05


def test_a_generator_past_its_limit_is_flagged_before_its_p99_is_off(generator: LoadGenerator) -> None:
    for rate in RUNGS:
        load = OpenLoad(rate=rate, connections=500)
        seen = run(generator, Plan(delays_s=DELAYS_S, headers=HEADERS), open_job(load, 0.8))
        left = np.array(seen.log.left)
        truth = nearest_rank((left - seen.log.came)[left > 0], 0.99)
        off = quantile_s(seen.result.response, 0.99) / truth - 1
        if off > OFF:
            assert "lag" in seen.flags("invalid", "caution"), (
                f"at {rate}/s p99 is off by {off:.0%}, and nothing says so"
            )
            return
    pytest.fail("the ladder did not reach the generator's limit")
