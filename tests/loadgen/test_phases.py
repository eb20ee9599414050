"""How the connections of a closed load are spread over a request before the window opens."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.loadgen.engine.phases import spread

times = st.lists(st.integers(1, 10**10), min_size=1, max_size=40)


@given(times, st.integers(1, 64), st.text(max_size=5))
def test_each_connection_waits_less_than_the_longest_request(taken: list[int], count: int, seed: str) -> None:
    waits = spread(taken, count, seed)
    assert len(waits) == count
    assert all(0 <= wait <= max(taken) for wait in waits)
    assert waits == spread(taken, count, seed)


def test_where_nothing_was_answered_nobody_waits() -> None:
    assert spread([], 3, "") == [0, 0, 0]


@pytest.mark.parametrize("count", [1, 2, 32])
def test_requests_that_take_the_same_time_are_cut_at_evenly_spaced_places(count: int) -> None:
    waits = sorted(spread([1_000_000] * count, count, "seed"))
    assert all(place / count <= wait / 1_000_000 < (place + 1) / count for place, wait in enumerate(waits))


def test_the_waits_are_what_is_left_of_the_request_that_a_random_moment_falls_into() -> None:
    """Its mean is E[S^2] / 2 E[S]: long requests are met more often than short ones."""
    taken = [500_000] * 9 + [5_500_000]
    waits = np.array([spread(taken, 10, str(seed)) for seed in range(400)])
    truth = np.mean(np.square(taken)) / (2 * np.mean(taken))
    assert waits.mean() == pytest.approx(truth, rel=0.02)
    assert np.mean(waits > 500_000) == pytest.approx(0.5, abs=0.02), "5.0 of 10 ms lie beyond 0.5 ms"
