import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from webdyno.errors import UsageError
from webdyno.loadgen.arrivals import MOST_ARRIVALS, PORTION, arrivals_ns
from webdyno.model.load import Burst, OpenLoad, Profile, Ramp, RateStep, RateSteps, Replay

from .schedule import whole_schedule

seeds = st.integers(0, 2**32)


def test_constant_arrivals_are_exact() -> None:
    quarters = [quarter * 250_000_000 for quarter in range(6)]
    assert whole_schedule(OpenLoad(rate=4, arrivals="constant"), 1.5, 0).tolist() == quarters


@given(st.integers(1, 20_000), st.integers(1, 40))
def test_constant_arrivals_are_as_many_as_the_rate_says(rate: int, tenths: int) -> None:
    due = whole_schedule(OpenLoad(rate=rate, arrivals="constant"), tenths / 10, 0)
    assert len(due) == -(-rate * tenths // 10)


@given(st.floats(0.1, 5_000), st.floats(0.05, 3), st.sampled_from(["constant", "poisson"]), seeds)
def test_arrivals_are_ascending_and_inside_the_span(rate: float, span_s: float, arrivals: str, seed: int) -> None:
    load = OpenLoad.model_validate({"rate": rate, "arrivals": arrivals})
    due = whole_schedule(load, span_s, seed)
    assert np.all(np.diff(due) >= 0)
    assert np.all((due >= 0) & (due < round(span_s * 1e9)))


def test_where_the_gaps_are_short_the_arrivals_go_on_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class Short:
        """Gaps so short that no seed would give them: what was drawn first does not reach the end."""

        def __init__(self) -> None:
            self.draws = 0

        def exponential(self, mean: float, count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
            self.draws += 1
            assert self.draws <= 8000 // PORTION + 1
            return np.full(count, mean / 4)

    monkeypatch.setattr(np.random, "default_rng", lambda seed: Short())
    due = whole_schedule(OpenLoad(rate=1000), 2, 0)
    assert len(due) == pytest.approx(8000, abs=1)
    assert np.diff(due) == pytest.approx(250_000, abs=1)


@given(st.floats(1, 2_000), st.floats(0.05, 1), st.floats(0, 2), seeds)
def test_the_same_seed_gives_the_same_poisson_arrivals_whatever_the_span(
    rate: float, span_s: float, more_s: float, seed: int
) -> None:
    load = OpenLoad(rate=rate)
    short, long = whole_schedule(load, span_s, seed), whole_schedule(load, span_s + more_s, seed)
    assert short.tolist() == long[long < round(span_s * 1e9)].tolist()


PROFILES = [
    None,
    Ramp(start=0, end=4_000),
    RateSteps(steps=(RateStep(rate=3_000, seconds=0.3), RateStep(rate=0, seconds=0.2), RateStep(rate=700, seconds=2))),
    Burst(size=7, every_s=0.004),
    Burst(size=1_300, every_s=0.1),
    Replay(offsets_s=tuple(sorted(np.random.default_rng(1).uniform(0, 0.8, 1_500).tolist()))),
]


@pytest.mark.parametrize("profile", PROFILES, ids=str)
@pytest.mark.parametrize("arrivals", ["constant", "poisson"])
@given(seed=seeds, parts=st.integers(1, 7))
def test_all_shares_together_are_the_schedule_of_one_whatever_their_number(
    profile: Profile | None, arrivals: str, seed: int, parts: int
) -> None:
    rate = {"rate": 2_500} if profile is None else {"profile": profile, "rate": profile.rate}
    load = OpenLoad.model_validate({**rate, "arrivals": arrivals})
    alone = whole_schedule(load, 1.3, seed, opens_s=0.31)
    dealt = [whole_schedule(load, 1.3, seed, opens_s=0.31, share=(place, parts)) for place in range(parts)]
    assert [share.tolist() for share in dealt] == [alone[place::parts].tolist() for place in range(parts)]


def test_portions_are_the_random_walk_of_one_draw() -> None:
    """Gaps that were drawn and added up all at once, in the same order, are the same to the last bit."""
    gaps = np.random.default_rng(9).exponential(1 / 3_000, 20_000)
    moments = np.rint(np.cumsum(gaps) * 1e9).astype(np.int64)
    assert whole_schedule(OpenLoad(rate=3_000), 5, 9).tolist() == moments[moments < 5e9].tolist()


@pytest.mark.parametrize("profile", [None, Burst(size=1_000_000, every_s=1.0)], ids=str)
def test_a_schedule_of_millions_is_made_in_the_memory_of_a_portion(profile: Burst | None) -> None:
    load = (
        OpenLoad(rate=1_000_000)
        if profile is None
        else OpenLoad(profile=profile, rate=profile.rate, arrivals="constant")
    )
    tracemalloc.start()
    count = sum(map(len, arrivals_ns(load, 2, 1)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count > 1_900_000
    assert most < 200 * PORTION


def test_another_seed_gives_other_arrivals() -> None:
    load = OpenLoad(rate=1000)
    assert whole_schedule(load, 1, 1).tolist() != whole_schedule(load, 1, 2).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_poisson_gaps_are_exponential_and_their_number_poisson(seed: int) -> None:
    rate, span_s = 3_000.0, 5.0
    due = whole_schedule(OpenLoad(rate=rate), span_s, seed)
    assert stats.kstest(np.diff(due) / 1e9, "expon", args=(0, 1 / rate)).pvalue > 1e-3
    # Given their number, Poisson arrivals are uniform over the span.
    assert stats.kstest(due / 1e9, "uniform", args=(0, span_s)).pvalue > 1e-3
    assert abs(len(due) - rate * span_s) < 4 * (rate * span_s) ** 0.5


def test_a_schedule_too_long_to_hold_is_refused() -> None:
    with pytest.raises(UsageError, match=f"{MOST_ARRIVALS:,}"):
        whole_schedule(OpenLoad(rate=1_000_000), 3600, 0)
