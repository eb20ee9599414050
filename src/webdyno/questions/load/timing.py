"""How the requests of `webdyno load` come and for how long: load and window, or an error that says what is wrong."""

from __future__ import annotations

import math
from pathlib import Path

from ...errors import UsageError
from ...loadgen.arrivals import check_count
from ...loadgen.recording import read_recording
from ...model.load import Burst, ClosedLoad, Load, OpenLoad, Profile, Ramp, RateStep, RateSteps, Replay, Window
from ...units import parse_duration, printable
from ..kinds import SMALLEST
from ..options import LoadOptions

MOST_PER_S = 1_000_000
LONGEST_S = 3600.0
SHORTEST_S = 0.05
MOST_STEPS = 10_000
DEFAULT_DURATION_S = 10.0
_OPEN = ("rate", "ramp", "steps", "burst", "replay")
_AN_OPEN_LOAD = "give --rate, --ramp, --steps, --burst or --replay"


def read_load(options: LoadOptions) -> Load:
    """Closed, or open where arrivals are given.

    Raises:
        UsageError: a value is wrong, or two options do not go together.
    """
    given = [name for name in _OPEN if options.get(name) is not None]
    if len(given) > 1:
        raise UsageError(f"--{given[0]} and --{given[1]} exclude each other", "give one of them")
    limits = {"connections": options["connections"], "waiting": options["waiting"]}
    values = {name: value for name, value in limits.items() if value is not None}
    if not given:
        for name in ("arrivals", "waiting"):
            if options.get(name) is not None:
                raise UsageError(f"--{name} is for an open load", _AN_OPEN_LOAD)
        return ClosedLoad.model_validate(values)
    profile = _profile(options)
    rate = profile.rate if profile else options["rate"]
    # Bursts are regular unless asked for otherwise; the recorded moments of a replay are what they are.
    usual = "constant" if isinstance(profile, Burst) else "poisson"
    arrivals = options["arrivals"] or usual
    return OpenLoad.model_validate(values | {"rate": rate, "arrivals": arrivals, "profile": profile})


def read_window(options: LoadOptions, load: Load) -> Window:
    """How long; by default as long as the steps or the recording.

    Raises:
        UsageError: so many requests would be due that nobody can plan them, or the steps are over too soon.
    """
    duration_s = options["duration"] or _length(load)
    if duration_s < SHORTEST_S:
        raise UsageError(f"--steps take {duration_s:g} s together", f"give {SHORTEST_S:g} s or more")
    window = Window(
        duration_s=duration_s,
        warmup_s=options["warmup"],
        timeout_s=options["timeout"],
    )
    if isinstance(load, OpenLoad):
        check_count(load, window.warmup_s + window.duration_s, opens_s=window.warmup_s)
    return window


def _length(load: Load) -> float:
    profile = load.profile if isinstance(load, OpenLoad) else None
    if isinstance(profile, RateSteps):
        return min(sum(step.seconds for step in profile.steps), LONGEST_S)
    if isinstance(profile, Replay):
        # The window's end is not in it.
        return min(math.floor(profile.offsets_s[-1]) + 1, LONGEST_S)
    return DEFAULT_DURATION_S


def _profile(options: LoadOptions) -> Profile | None:
    if options["ramp"] is not None:
        return _ramp(options["ramp"])
    if options["steps"] is not None:
        return _steps(options["steps"])
    if options["burst"] is not None:
        return _burst(options["burst"])
    if options["replay"] is None:
        return None
    if options["arrivals"] is not None:
        raise UsageError("--arrivals has no meaning with --replay", "leave it out: the moments are recorded")
    return read_recording(Path(options["replay"]))


def _ramp(text: str) -> Ramp:
    remedy = "write it as START:END, two rates per second, as 0:5000"
    start, found, end = text.partition(":")
    if not found:
        raise _wrong("--ramp", text, text, "is not START:END", remedy)
    ramp = Ramp(start=_number("--ramp", text, start, remedy), end=_number("--ramp", text, end, remedy))
    if not ramp.rate:
        raise _wrong("--ramp", text, text, "never sends anything", "give a rate above 0")
    return ramp


def _steps(text: str) -> RateSteps:
    remedy = "write it as RATE:DURATION,RATE:DURATION, as 100:5s,500:10s"
    steps = []
    for part in text.split(","):
        rate, found, length = part.partition(":")
        if not found:
            raise _wrong("--steps", text, part, "is not RATE:DURATION", remedy)
        seconds = _span("--steps", text, length, remedy)
        steps.append(RateStep(rate=_number("--steps", text, rate, remedy), seconds=seconds))
    if len(steps) > MOST_STEPS:
        raise UsageError(f"--steps has {len(steps):,} steps", f"give at most {MOST_STEPS:,}")
    if not any(step.rate for step in steps):
        raise _wrong("--steps", text, text, "never sends anything", "give one step a rate above 0")
    return RateSteps(steps=tuple(steps))


def _burst(text: str) -> Burst:
    remedy = "write it as SIZE:EVERY, as 100:1s; sizes up to 1000000, every 1ms to 1h"
    size, found, every = text.partition(":")
    if not found:
        raise _wrong("--burst", text, text, "is not SIZE:EVERY", remedy)
    if not (size.isascii() and size.isdigit() and len(size) < 8 and 1 <= int(size) <= MOST_PER_S):
        raise _wrong("--burst", text, size, "is no size", remedy)
    every_s = _span("--burst", text, every, remedy)
    if every_s < 0.001:
        raise _wrong("--burst", text, every, "is too short", remedy)
    burst = Burst(size=int(size), every_s=every_s)
    if burst.rate > MOST_PER_S:
        raise _wrong("--burst", text, text, "is too much", f"give at most {MOST_PER_S} arrivals per second on average")
    return burst


def _number(option: str, text: str, part: str, remedy: str) -> float:
    try:
        rate = float(part)
    except ValueError:
        rate = math.nan
    if not 0 <= rate <= MOST_PER_S or 0 < rate < SMALLEST:
        raise _wrong(option, text, part, f"is no rate from 0 to {MOST_PER_S}", remedy)
    return rate


def _span(option: str, text: str, part: str, remedy: str) -> float:
    try:
        seconds = parse_duration(part)
    except UsageError:
        seconds = math.nan
    if not 0 < seconds <= LONGEST_S:
        raise _wrong(option, text, part, "is no duration of up to 1 hour", remedy)
    return seconds


def _wrong(option: str, text: str, part: str, what: str, remedy: str) -> UsageError:
    named = f"{option} {printable(text[:60])}"
    return UsageError(f"{named}: {printable(part[:60])!r} {what}" if part != text else f"{named} {what}", remedy)
