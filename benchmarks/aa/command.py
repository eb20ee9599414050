"""The command: which comparisons are asked for, made one after the other, and told."""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from webdyno.errors import Interrupted

from .apps import write_apps
from .kept import keep, read_kept
from .lines import DEFAULT_DESIGNS, DESIGNS, LINES
from .measure import STOPPED, measured
from .outcome import Comparison, Outcome
from .rounds import BESIDE_S, following, planned
from .table import table, told


class Asked(NamedTuple):
    """What is asked for.

    Attributes:
        plan: comparisons in their order.
        into: where outcomes are kept, and read first so that none is measured again; None for nowhere.
        told_from: only this file's table is asked for.
        budget_s: seconds.
    """

    plan: list[Comparison]
    into: Path | None
    told_from: Path | None
    budget_s: float


def main(arguments: Sequence[str] = ()) -> None:
    """Make comparisons, and print each and the table."""
    asked = parsed(arguments)
    if asked.told_from:
        print(table(read_kept(asked.told_from, Outcome)))
        return
    outcomes = read_kept(asked.into, Outcome) if asked.into else []
    try:
        _measure(asked, outcomes)
    except (KeyboardInterrupt, Interrupted):
        raise SystemExit(STOPPED) from None
    finally:
        print(f"\n{table(outcomes)}", flush=True)


def parsed(arguments: Sequence[str]) -> Asked:
    """What the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks aa", description="Do verdicts hold?")
    every = " of these; repeatable"
    parser.add_argument("--line", action="append", choices=LINES, help=f"only comparisons{every}")
    parser.add_argument("--design", action="append", choices=DESIGNS, help=f"only designs{every}")
    parser.add_argument("--burner", action="store_true", help="only with a burner that comes and goes")
    parser.add_argument("--quiet", action="store_true", help="only without one")
    parser.add_argument("--long", action="store_true", help="as many as the goals speak of, which takes hours")
    parser.add_argument("--count", type=_natural, help="so many for each line, design and condition")
    parser.add_argument("--seed-from", type=_natural, default=0, metavar="N", help="the first seed [default: 0]")
    parser.add_argument(
        "--budget", type=float, default=math.inf, metavar="SECONDS", help="begin none that lasts longer"
    )
    parser.add_argument("--into", type=Path, metavar="FILE", help="add outcomes to FILE; measure none that is in it")
    parser.add_argument("--from", type=Path, metavar="FILE", dest="told_from", help="only print the table of FILE")
    asked = parser.parse_args(arguments)
    lines = [line for name, line in LINES.items() if asked.line is None or name in asked.line]
    counts = {line.name: asked.count or (line.many if asked.long else line.few) for line in lines}
    both = asked.burner == asked.quiet
    wanted = (False, True) if both else (asked.burner,)
    designs = asked.design or DEFAULT_DESIGNS
    plan = planned(lines, tuple(dict.fromkeys(designs)), wanted, counts, asked.seed_from)
    return Asked(plan, asked.into, asked.told_from, asked.budget)


def _measure(asked: Asked, outcomes: list[Outcome]) -> None:
    began, done = time.monotonic(), {outcome.comparison for outcome in outcomes}
    with tempfile.TemporaryDirectory(prefix="webdyno-aa-") as folder:
        write_apps(Path(folder))
        while True:
            left_s = asked.budget_s - (time.monotonic() - began)
            comparison = following(asked.plan, done, longest_s(asked.plan, outcomes), left_s)
            if comparison is None:
                break
            outcome = measured(comparison, Path(folder))
            if asked.into:
                keep(asked.into, outcome)
            outcomes.append(outcome)
            done.add(comparison)
            print(told(outcome), flush=True)
    if to_come := len(set(asked.plan) - done):
        print(f"{to_come} of {len(asked.plan)} are still to be made", file=sys.stderr)


def longest_s(plan: Collection[Comparison], outcomes: Collection[Outcome]) -> Mapping[Comparison, float]:
    """Seconds that each takes at most, as far as is known: the longest like it, or its limit."""
    longest: dict[tuple[str, str, bool], float] = {}
    for outcome in outcomes:
        key = outcome.comparison[:3]
        longest[key] = max(longest.get(key, 0.0), outcome.seconds)
    return {one: longest.get(one[:3], LINES[one.line].seconds) + BESIDE_S for one in plan}


def _natural(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 on")
    return int(text)
