"""One real server against itself, block by block: the verdict that users see tells no difference where none is."""

import pytest

from tests.same_stack import is_told_apart, most_false
from webdyno.analysis.statistics.estimates import DEFAULT_MARGIN
from webdyno.lab.plan import block_order
from webdyno.loadgen.generator import LoadGenerator
from webdyno.model.load import ClosedLoad

from .conftest import make_job
from .truth_server import Plan, TruthServer

pytestmark = pytest.mark.timed

COMPARISONS = 20
BLOCKS = 6
ARMS = ("first", "second")
LOAD = ClosedLoad(connections=4)
SECONDS = 0.05


def compared(generator: LoadGenerator) -> list[tuple[list[float], list[float]]]:
    """Throughput of both arms by block, for each comparison."""
    pairs = []
    with TruthServer(Plan()) as server:
        job = make_job(server.port, LOAD, seconds=SECONDS)
        generator.run(job)
        for seed in range(COMPARISONS):
            throughputs: dict[str, list[float]] = {arm: [] for arm in ARMS}
            for block in range(BLOCKS):
                for arm in block_order(ARMS, block, seed):
                    throughputs[arm].append(generator.run(job).throughput)
            pairs.append((throughputs["first"], throughputs["second"]))
    return pairs


def false_verdicts(pairs: list[tuple[list[float], list[float]]], margin: float) -> int:
    return sum(is_told_apart(first, second, margin) for first, second in pairs)


def test_a_server_is_not_told_apart_from_itself(generator: LoadGenerator) -> None:
    pairs = compared(generator)
    # Without a margin this is the promise of the interval itself; with it, of the verdict.
    assert false_verdicts(pairs, 0.0) <= most_false(COMPARISONS)
    assert false_verdicts(pairs, DEFAULT_MARGIN) <= most_false(COMPARISONS)
