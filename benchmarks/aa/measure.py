"""One comparison of the table, measured."""

from __future__ import annotations

import math
import os
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from webdyno.analysis.comparison.analysis import StackSummary
from webdyno.api import ComparisonResult, compare
from webdyno.model.run import Run
from webdyno.model.trial import Trial
from webdyno.probes.cpu_plan import plan_cpus
from webdyno.probes.host import host_facts
from webdyno.questions.options import CompareOptions

from .burner import burning
from .lines import DESIGNS, LINES
from .outcome import Comparison, Outcome, Ratio

STOPPED = 130


def measured(asked: Comparison, apps: Path) -> Outcome:
    """Make a comparison.

    Args:
        asked: which one.
        apps: the folder with `write_apps`.

    Raises:
        SystemExit: it was interrupted, by Ctrl-C or a signal; or the burner ended too early.
    """
    line = LINES[asked.line]
    load_average, began = os.getloadavg()[0], datetime.now(UTC)
    options: CompareOptions = {
        **line.options,
        **DESIGNS[asked.design],
        "app_dir": apps,
        "max_time": line.seconds,
        "seed": asked.seed,
        "store": None,
    }
    with burning(plan_cpus(1).server[0], asked.seed) if asked.burner else nullcontext() as burner:
        result = compare(line.stacks, response_times=line.response_times, **options)
        if result.run.state == "interrupted":
            raise SystemExit(STOPPED)
    return Outcome(
        line=asked.line,
        design=asked.design,
        burner=asked.burner,
        seed=asked.seed,
        began=began,
        machine=machine(),
        revision=revision(),
        load_average=load_average,
        seconds=result.run.measured_s,
        inside_s=inside_s(result.run.trials),
        blocks=_blocks(result.run),
        ratios=_ratios(result),
        invalid=tuple(_why_not(stack) for stack in result.analysis.stacks if not stack.valid),
        burnt_s=burner.burnt.cpu_s if burner else 0.0,
    )


def inside_s(trials: Sequence[Trial]) -> float:
    """Seconds inside measuring and warm-up windows; those of stacks that were loaded at the same time count once."""
    together: dict[object, list[float]] = defaultdict(list)
    for at, trial in enumerate(trials):
        if trial.result:
            key = ("duet", trial.block) if trial.phase == "duet" else at
            together[key].append(trial.result.window_s + (trial.result.warmup_s or 0.0))
    return math.fsum(map(max, together.values()))


def _why_not(stack: StackSummary) -> str:
    names = dict.fromkeys(reason.name for reason in stack.reasons if reason.severity == "invalid")
    return f"{stack.notation} ({', '.join(names)})"


def _blocks(run: Run) -> int:
    return max((trial.block for trial in run.trials), default=0)


def _ratios(result: ComparisonResult) -> tuple[Ratio, ...]:
    return tuple(
        Ratio(
            metric=verdict.metric,
            stack=verdict.stack,
            against=verdict.against,
            value=verdict.ratio.value,
            low=verdict.ratio.interval and verdict.ratio.interval.low,
            high=verdict.ratio.interval and verdict.ratio.interval.high,
            outcome=verdict.outcome,
            direction=verdict.direction,
            blocks=verdict.ratio.blocks,
        )
        for verdict in result.analysis.verdicts
    )


@cache
def machine() -> str:
    """This one, in a line."""
    host = host_facts()
    name = f"{host.cpu_model or host.architecture}, {host.cores} of {host.cores_total} CPUs"
    return ", ".join([name, *([host.virtualisation] if host.virtualisation else []), host.kernel, host.python])


@cache
def revision() -> str:
    """Of the checkout, where it is one; `+` says that more was changed."""
    command = ["git", "describe", "--always", "--dirty=+", "--match", "v*"]
    try:
        said = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said.stdout.strip()
