"""`webdyno doctor`: is this machine fit to measure?"""

from __future__ import annotations

from functools import partial

import typer
from rich.console import Console

from ..analysis.fitness.result import Fitness
from ..lab.interruption import Interruption
from ..questions.doctor import DoctorResult, doctor
from ..questions.environment import told
from ..questions.options import DoctorOptions
from ..report.doctor import render_checks, render_same
from .compare import EXIT_INTERRUPTED, EXIT_INVALID
from .output import give, rendered, say
from .progress import Progress

_IF_LOST = "run webdyno doctor again"


def run_doctor(options: DoctorOptions, *, json: bool, quiet: bool) -> None:
    """Carry out `webdyno doctor`, and exit: 0 done, 3 no figure could be found or given, 130 interrupted.

    Raises:
        UsageError: another run measures into the folder of the store, or it cannot be written to.
        NotGiven: the floor cannot be kept, or what was found not printed.
        MeasurementError: the stack could not be set up.
        Interrupted: nothing was measured yet.
    """
    if not quiet:
        say("looking at the machine, a few seconds")
    with Interruption():
        with Progress(quiet=quiet) as progress:
            result = doctor(looked=partial(_tell_checks, json=json), emit=progress, **options)
        _tell(result, json=json)
    raise typer.Exit(exit_code(result.fitness))


def exit_code(fitness: Fitness) -> int:
    """0 where all that was asked is known, 130 after an interruption, 3 otherwise."""
    if fitness.same is None or fitness.same.floor:
        return 0
    return EXIT_INTERRUPTED if fitness.same.interrupted else EXIT_INVALID


def _tell_checks(fitness: Fitness, *, json: bool) -> None:
    if not json:
        console = Console(highlight=False)
        give(rendered(console, render_checks(fitness.facts.host, fitness.checks, width=console.width)), _IF_LOST)


def _tell(result: DoctorResult, *, json: bool) -> None:
    found, console = result.fitness.same, Console(highlight=False)
    if json:
        give(result.to_json(), _IF_LOST)
    elif found is not None:
        kept = told(str(result.kept or ""))
        give(rendered(console, render_same(found, width=console.width, kept=kept)), _IF_LOST)
    if result.not_kept:
        raise result.not_kept
