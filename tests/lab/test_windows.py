"""How long windows are, from what the pilot saw."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import Truth, make_run
from webdyno.lab.windows import ANSWERS, FILLING, LEAST_ANSWERS, filled, lengthened, long_enough, slowest_s
from webdyno.model.load import Window
from webdyno.model.trial import Trial
from webdyno.texts.catalogue import told

WINDOW = Window(warmup_s=0.3, duration_s=1.0)
seconds = st.floats(0.001, 60)


def test_the_slowest_stack_is_found_by_littles_law() -> None:
    run = make_run((Truth("flask@gunicorn", 3200, 100), Truth("fastapi@uvicorn", 64, 100)))
    pilots = [trial for trial in run.trials if trial.phase == "pilot"]
    assert slowest_s(pilots) == pytest.approx(32 / 64, rel=0.1)
    assert slowest_s([]) == 0
    assert slowest_s([pilot_without(trial) for trial in pilots]) == 0


def pilot_without(trial: Trial) -> Trial:
    """The same where nothing was answered."""
    assert trial.result
    nothing = trial.result.model_copy(update={"ok_in_window": 0.0, "failed_in_window": 0.0})
    return trial.model_copy(update={"result": nothing})


@given(seconds, st.floats(-10, 100))
def test_a_window_is_never_shortened_and_never_longer_than_there_is_room_for(mean_s: float, room_s: float) -> None:
    window = long_enough(WINDOW, mean_s, room_s)
    assert WINDOW.duration_s <= window.duration_s <= WINDOW.duration_s + max(room_s, 0)
    if window.duration_s == WINDOW.duration_s:
        assert lengthened(WINDOW, window, mean_s) is None
        assert room_s < 0.1 or LEAST_ANSWERS * mean_s <= WINDOW.duration_s
    else:
        assert "on average, so the windows are" in told(lengthened(WINDOW, window, mean_s))


@pytest.mark.parametrize(("mean_s", "duration_s"), [(0.003, 1.0), (0.4, 1.0), (0.5, 1.5), (3.0, 9.0)])
def test_each_connection_has_a_few_answers_in_a_window(mean_s: float, duration_s: float) -> None:
    assert long_enough(WINDOW, mean_s, 100).duration_s == pytest.approx(duration_s)
    assert duration_s >= LEAST_ANSWERS * mean_s
    assert ANSWERS > LEAST_ANSWERS


@given(seconds)
def test_open_load_is_counted_once_as_many_requests_end_as_begin(mean_s: float) -> None:
    assert filled(WINDOW, mean_s).warmup_s == max(WINDOW.warmup_s, FILLING * mean_s)
    assert filled(WINDOW, mean_s).duration_s == WINDOW.duration_s
