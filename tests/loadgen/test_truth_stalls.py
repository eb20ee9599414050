"""A server that stands still: what its users wait is known, and so is what a client that times from the send would say.

An arrival that is due in a stall is answered when the stall ends, not before. So of the arrivals in T seconds the share
that waits for longer than x is the sum over the stalls of (D - x) / T. The server logs when its stalls really began and
ended: no noise of the machine enters there. An answer cannot be read before it was sent, so the engine may never be
below what the server logged; what it is above is how long a busy machine lets a process wait.
"""

import numpy as np
import pytest

from webdyno.loadgen.generator import LoadGenerator
from webdyno.model.load import OpenLoad

from .truth_run import BUCKET, Seen, nearest_rank, open_job, quantile_s, run
from .truth_server import Plan

pytestmark = pytest.mark.timed

STALLS = {
    "one": (3.0, ((1.2, 0.6),), (0.9, 0.95, 0.99)),
    "every half second": (3.0, tuple((0.1 + 0.5 * turn, 0.25) for turn in range(6)), (0.75, 0.9, 0.95)),
}


def law_s(seen: Seen, span_s: float, q: float) -> float:
    """The x for which the share of time in which an arrival would wait longer than x is 1 - q."""
    lengths = np.array([end - start for start, end in seen.log.stalls])
    x = np.linspace(0, lengths.max(), 20_001)
    share = np.maximum(lengths[:, None] - x, 0).sum(axis=0) / span_s
    return float(x[np.argmax(share <= 1 - q)])


@pytest.mark.parametrize(("span_s", "stalls", "quantiles"), STALLS.values(), ids=STALLS)
def test_stalls_show_in_the_response_time_by_their_law(
    span_s: float, stalls: tuple[tuple[float, float], ...], quantiles: tuple[float, ...], generator: LoadGenerator
) -> None:
    load = OpenLoad(rate=250, arrivals="constant", connections=1)
    seen = run(generator, Plan(stalls=stalls), open_job(load, span_s))
    result = seen.result
    assert len(seen.log.stalls) == len(stalls)
    assert result.ok == result.scheduled == len(seen.log.came) == 250 * span_s
    for q in quantiles:
        law, truth, reported = law_s(seen, span_s, q), nearest_rank(seen.waits, q), quantile_s(result.response, q)
        # One arrival of a stall's worth is the resolution of the law; it takes the server time to work off the queue.
        assert truth > 0.98 * law - 1 / load.rate
        assert truth * (1 - BUCKET) <= reported <= truth * 1.05 + 0.01
    # A client that times from the send sees the stall once for each connection, and nothing at p90.
    assert quantile_s(result.service, 0.95) < 0.5 * quantile_s(result.response, 0.95)
