"""How the arrivals of `webdyno load` are written: what each form means, and what is refused with which words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.cli.load_arrivals import read_load, read_window
from webdyno.cli.load_options import LoadOptions
from webdyno.errors import UsageError
from webdyno.model.load import Burst, ClosedLoad, Load, OpenLoad, Ramp, Step, Steps


@pytest.mark.parametrize(
    ("options", "load"),
    [
        (LoadOptions(), ClosedLoad(connections=32)),
        (LoadOptions(connections=5), ClosedLoad(connections=5)),
        (LoadOptions(rate=50), OpenLoad(rate=50)),
        (LoadOptions(rate=50, arrivals="constant", waiting=0), OpenLoad(rate=50, arrivals="constant", waiting=0)),
        (LoadOptions(ramp="0:500"), OpenLoad(rate=500, profile=Ramp(start=0, end=500))),
        (
            LoadOptions(steps="100:500ms,0:1s,7.5:2"),
            OpenLoad(
                rate=100,
                profile=Steps(steps=(Step(rate=100, seconds=0.5), Step(rate=0, seconds=1), Step(rate=7.5, seconds=2))),
            ),
        ),
        (LoadOptions(burst="100:2s"), OpenLoad(rate=50, arrivals="constant", profile=Burst(size=100, every_s=2))),
        (
            LoadOptions(burst="100:2s", arrivals="poisson"),
            OpenLoad(rate=50, arrivals="poisson", profile=Burst(size=100, every_s=2)),
        ),
    ],
)
def test_each_form_means_one_load(options: LoadOptions, load: Load) -> None:
    assert read_load(options) == load


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (LoadOptions(rate=float("nan")), "--rate nan"),
        (LoadOptions(rate=0), "--rate 0"),
        (LoadOptions(rate=5, ramp="0:5"), "--rate and --ramp exclude each other"),
        (LoadOptions(burst="5:1s", steps="5:1s"), "--steps and --burst exclude each other"),
        (LoadOptions(arrivals="constant"), "--arrivals is for an open load"),
        (LoadOptions(arrivals="sometimes", rate=5), "'sometimes'"),
        (LoadOptions(waiting=5), "--waiting is for an open load"),
        (LoadOptions(ramp="5"), "--ramp 5 is not START:END"),
        (LoadOptions(ramp="0:x"), "--ramp 0:x: 'x' is no rate"),
        (LoadOptions(ramp="-1:5"), "'-1' is no rate"),
        (LoadOptions(ramp="0:1000001"), "'1000001' is no rate"),
        (LoadOptions(ramp="0:0"), "never sends anything"),
        (LoadOptions(steps="5:1s,"), "--steps 5:1s,: '' is not RATE:DURATION"),
        (LoadOptions(steps="5:1s,5"), "'5' is not RATE:DURATION"),
        (LoadOptions(steps="5:soon"), "'soon' is no duration"),
        (LoadOptions(steps="5:0s"), "'0s' is no duration"),
        (LoadOptions(steps="0:1s,0:2s"), "never sends anything"),
        (LoadOptions(steps="5:1s," * 10_000 + "5:1s"), "10,001 steps"),
        (LoadOptions(burst="100"), "--burst 100 is not SIZE:EVERY"),
        (LoadOptions(burst="1.5:1s"), "'1.5' is no size"),
        (LoadOptions(burst="0:1s"), "'0' is no size"),
        (LoadOptions(burst="5:100us"), "'100us' is too short"),
        (LoadOptions(burst="1000000:1ms"), "is too much"),
        (LoadOptions(burst="5:\x1b[2J"), r"\x1b"),
        (LoadOptions(replay=Path("/nonexistent/arrivals")), "/nonexistent/arrivals cannot be read"),
    ],
)
def test_what_is_wrong_is_named_with_a_remedy(options: LoadOptions, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_load(options)
    assert words in raised.value.message
    assert raised.value.remedy
    assert "\x1b" not in raised.value.message


@given(st.text(max_size=30), st.sampled_from(["ramp", "steps", "burst"]))
def test_any_text_is_a_load_or_refused(text: str, option: str) -> None:
    try:
        load = read_load(LoadOptions(**{option: text}))  # type: ignore[arg-type]
    except UsageError:
        return
    assert isinstance(load, OpenLoad)
    assert load.rate > 0


def test_a_recording_is_replayed_as_it_is(tmp_path: Path) -> None:
    recording = tmp_path / "arrivals.txt"
    recording.write_text("0.5\n2.25\n1\n")
    options = LoadOptions(replay=recording)
    load = read_load(options)
    assert isinstance(load, OpenLoad)
    assert load.profile is not None
    assert load.profile.kind == "replay"
    # The last moment lies within the window.
    assert read_window(options, load).duration_s == 3
    with pytest.raises(UsageError, match="no meaning"):
        read_load(LoadOptions(replay=recording, arrivals="poisson"))


def test_the_window_is_as_long_as_the_steps_unless_told_otherwise() -> None:
    load = read_load(LoadOptions(steps="5:2s,10:500ms"))
    assert read_window(LoadOptions(), load).duration_s == 2.5
    assert read_window(LoadOptions(duration="1s"), load).duration_s == 1
    assert read_window(LoadOptions(), ClosedLoad()).duration_s == 10


@pytest.mark.parametrize("option", ["duration", "warmup", "timeout"])
def test_a_window_out_of_range_names_its_option(option: str) -> None:
    with pytest.raises(UsageError, match=f"--{option} 2h is out of range"):
        read_window(LoadOptions(**{option: "2h"}), ClosedLoad())  # type: ignore[arg-type]
