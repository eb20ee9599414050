import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import Truth, analysed, make_run
from webdyno.analysis.comparison.explanation import explain, shapley
from webdyno.model.layer import LAYERS, Layer
from webdyno.model.notation import parse_notation
from webdyno.stacks.layers import layered

costs = st.dictionaries(st.sampled_from(LAYERS), st.floats(1, 1e4), min_size=1)


@given(costs, costs)
def test_the_factors_multiply_up_to_the_ratio(of: dict[Layer, float], to: dict[Layer, float]) -> None:
    factors = shapley(of, to)
    # A stack that has nothing of the other's layers has no cost at some point on the way.
    if factors is None:
        assert not of.keys() & to.keys()
        return
    assert math.isclose(math.prod(factors.values()), sum(of.values()) / sum(to.values()), rel_tol=1e-9)


@given(costs, costs)
def test_the_other_way_round_gives_the_inverse(of: dict[Layer, float], to: dict[Layer, float]) -> None:
    there, back = shapley(of, to), shapley(to, of)
    assert (there is None) == (back is None)
    for layer in there or {}:
        assert math.isclose((there or {})[layer] * (back or {})[layer], 1, rel_tol=1e-9)


@given(costs, st.floats(1, 1e4))
def test_a_layer_that_costs_both_the_same_contributes_nothing(of: dict[Layer, float], other: float) -> None:
    to = dict(of)
    changed = next(iter(of))
    to[changed] = other
    factors = shapley(of, to)
    assert factors is not None
    for layer in of.keys() - {changed}:
        assert math.isclose(factors[layer], 1, rel_tol=1e-9)


def test_two_layers_share_the_ratio_by_the_mean_of_both_orders() -> None:
    # Server first: 300/150 then 150/100. Framework first: 300/250 then 250/100.
    factors = shapley({"server": 200, "framework": 100}, {"server": 50, "framework": 50})
    assert factors is not None
    assert factors["server"] == pytest.approx(math.sqrt(300 / 150 * 250 / 100))
    assert factors["framework"] == pytest.approx(math.sqrt(150 / 100 * 300 / 250))


def test_what_async_def_saves_is_never_taken_from_another_framework() -> None:
    """190 + 90 against 30 + 180 - 130: the handler's saving is more than the other framework and the server cost."""
    flask: dict[Layer, float] = {"server": 190, "framework": 90}
    fastapi: dict[Layer, float] = {"server": 30, "framework": 180, "handler": -130}
    factors = shapley(flask, fastapi)
    assert factors is not None
    # Server, framework, handler: 280, 120, 210, 80. Framework first: 280, 370, 210, 80 or 280, 370, 240, 80.
    assert factors["server"] == pytest.approx((280 / 120 * 370 / 210 * 240 / 80) ** (1 / 3))
    assert factors["handler"] == pytest.approx((210 / 80 * 210 / 80 * 370 / 240) ** (1 / 3))
    assert math.prod(factors.values()) == pytest.approx(280 / 80)
    back = shapley(fastapi, flask)
    assert back is not None
    assert back["handler"] == pytest.approx(1 / factors["handler"])


def test_layers_that_save_more_than_there_is_cannot_be_told_apart() -> None:
    assert shapley({"server": 10, "framework": 10}, {"server": 50, "handler": -45}) is None


FLASK, FASTAPI = "flask@gunicorn?threads=8", "fastapi@uvicorn"
BY_DEF = "fastapi@uvicorn?handler=sync"
TRUTHS = (
    Truth(FLASK, 1e6 / 300, 300),
    Truth(FASTAPI, 1e6 / 110, 110),
    Truth("bare-wsgi@gunicorn?threads=8", 1e6 / 200, 200),
    Truth("bare-asgi@uvicorn", 1e6 / 50, 50),
    Truth(BY_DEF, 1e6 / 150, 150),
)


def test_the_truth_is_found_again_with_intervals_from_the_blocks() -> None:
    found = explain(
        analysed(make_run(TRUTHS, blocks=10, rate=None)),
        *(layered(parse_notation(text)) for text in (FLASK, FASTAPI)),
    )
    assert found is not None
    assert (found.stack, found.against, found.blocks) == (FASTAPI, FLASK, 10)
    truth = shapley({"server": 200, "framework": 100}, {"server": 50, "framework": 100, "handler": -40})
    assert truth is not None
    for layer, factor in found.factors.items():
        assert factor.interval is not None
        assert factor.value == pytest.approx(truth[layer], rel=0.1)
        assert factor.interval.low < factor.value < factor.interval.high
    assert math.prod(f.value for f in found.factors.values()) * found.busy.value == pytest.approx(found.ratio.value)
    assert found.costs[0].layers["handler"].value == pytest.approx(-40, abs=8)
    assert found.costs[1].total.value == pytest.approx(300, rel=0.05)


def test_blocks_are_the_unit_not_requests() -> None:
    sides = [layered(parse_notation(text)) for text in (FLASK, FASTAPI)]
    calm, wild = (explain(analysed(make_run(TRUTHS, blocks=6, rate=None, trial_sd=sd)), *sides) for sd in (0.001, 0.05))
    assert calm and wild
    for layer in calm.factors:
        near, far = calm.factors[layer].interval, wild.factors[layer].interval
        assert near and far
        assert far.high / far.low > (near.high / near.low) ** 3


def test_without_a_valid_block_of_every_stack_nothing_is_claimed() -> None:
    sides = [layered(parse_notation(text)) for text in (FLASK, FASTAPI)]
    for broken_blocks, blocks, left in (((1, 2), 2, 0), ((3,), 6, 5)):
        broken = (*TRUTHS[:-1], Truth(BY_DEF, 1e6 / 150, 150, broken_blocks=broken_blocks))
        found = explain(analysed(make_run(broken, blocks=blocks, rate=None)), *sides)
        assert (found.blocks if found else 0) == left
