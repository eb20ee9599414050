"""How the arrivals of `webdyno load` are written: what each form means, and what is refused with which words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.options_of_load import typed
from webdyno.errors import UsageError
from webdyno.model.load import Burst, ClosedLoad, Load, OpenLoad, Ramp, RateStep, RateSteps
from webdyno.questions.load.timing import read_load, read_window

Texts = dict[str, str]


@pytest.mark.parametrize(
    ("texts", "load"),
    [
        ({}, ClosedLoad(connections=32)),
        ({"connections": "5"}, ClosedLoad(connections=5)),
        ({"rate": "50"}, OpenLoad(rate=50)),
        ({"rate": "50", "arrivals": "constant", "waiting": "0"}, OpenLoad(rate=50, arrivals="constant", waiting=0)),
        ({"ramp": "0:500"}, OpenLoad(rate=500, profile=Ramp(start=0, end=500))),
        (
            {"steps": "100:500ms,0:1s,7.5:2"},
            OpenLoad(
                rate=100,
                profile=RateSteps(
                    steps=(RateStep(rate=100, seconds=0.5), RateStep(rate=0, seconds=1), RateStep(rate=7.5, seconds=2))
                ),
            ),
        ),
        ({"burst": "100:2s"}, OpenLoad(rate=50, arrivals="constant", profile=Burst(size=100, every_s=2))),
        (
            {"burst": "100:2s", "arrivals": "poisson"},
            OpenLoad(rate=50, arrivals="poisson", profile=Burst(size=100, every_s=2)),
        ),
    ],
)
def test_each_form_means_one_load(texts: Texts, load: Load) -> None:
    assert read_load(typed(**texts)) == load


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"rate": "nan"}, "--rate nan"),
        ({"rate": "0"}, "--rate 0"),
        ({"rate": "5", "ramp": "0:5"}, "--rate and --ramp exclude each other"),
        ({"burst": "5:1s", "steps": "5:1s"}, "--steps and --burst exclude each other"),
        ({"arrivals": "constant"}, "--arrivals is for an open load"),
        ({"arrivals": "sometimes", "rate": "5"}, "'sometimes'"),
        ({"waiting": "5"}, "--waiting is for an open load"),
        ({"ramp": "5"}, "--ramp 5 is not START:END"),
        ({"ramp": "0:x"}, "--ramp 0:x: 'x' is no rate"),
        ({"ramp": "-1:5"}, "'-1' is no rate"),
        ({"ramp": "0:1000001"}, "'1000001' is no rate"),
        ({"ramp": "0:0"}, "never sends anything"),
        ({"steps": "5:1s,"}, "--steps 5:1s,: '' is not RATE:DURATION"),
        ({"steps": "5:1s,5"}, "'5' is not RATE:DURATION"),
        ({"steps": "5:soon"}, "'soon' is no duration"),
        ({"steps": "5:0s"}, "'0s' is no duration"),
        ({"steps": "0:1s,0:2s"}, "never sends anything"),
        ({"steps": "5:1s," * 10_000 + "5:1s"}, "10,001 steps"),
        ({"burst": "100"}, "--burst 100 is not SIZE:EVERY"),
        ({"burst": "1.5:1s"}, "'1.5' is no size"),
        ({"burst": "0:1s"}, "'0' is no size"),
        ({"burst": "5:100us"}, "'100us' is too short"),
        ({"burst": "1000000:1ms"}, "is too much"),
        ({"burst": "5:\x1b[2J"}, r"\x1b"),
        ({"replay": "/nonexistent/arrivals"}, "/nonexistent/arrivals cannot be read"),
    ],
)
def test_what_is_wrong_is_named_with_a_remedy(texts: Texts, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_load(typed(**texts))
    assert words in raised.value.message
    assert raised.value.remedy
    assert "\x1b" not in raised.value.message


@given(st.text(max_size=30), st.sampled_from(["ramp", "steps", "burst"]))
def test_any_text_is_a_load_or_refused(text: str, option: str) -> None:
    try:
        load = read_load(typed(**{option: text}))
    except UsageError:
        return
    assert isinstance(load, OpenLoad)
    assert load.rate > 0


def test_a_recording_is_replayed_as_it_is(tmp_path: Path) -> None:
    recording = tmp_path / "arrivals.txt"
    recording.write_text("0.5\n2.25\n1\n")
    options = typed(replay=str(recording))
    load = read_load(options)
    assert isinstance(load, OpenLoad)
    assert load.profile is not None
    assert load.profile.kind == "replay"
    # The last moment lies within the window.
    assert read_window(options, load).duration_s == 3
    with pytest.raises(UsageError, match="no meaning"):
        read_load(typed(replay=str(recording), arrivals="poisson"))


def test_the_window_is_as_long_as_the_steps_unless_told_otherwise() -> None:
    load = read_load(typed(steps="5:2s,10:500ms"))
    assert read_window(typed(), load).duration_s == 2.5
    assert read_window(typed(duration="1s"), load).duration_s == 1
    assert read_window(typed(), ClosedLoad()).duration_s == 10


@pytest.mark.parametrize("option", ["duration", "warmup", "timeout"])
def test_a_window_out_of_range_names_its_option(option: str) -> None:
    with pytest.raises(UsageError, match=f"--{option} 7200s cannot be used"):
        read_window(typed(**{option: "2h"}), ClosedLoad())
