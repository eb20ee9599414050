"""`webdyno doctor`: is this machine fit to measure?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import typer
from rich.console import Console, Group

from ..analysis.machine.fitness import Fitness
from ..lab.interruption import Interruption
from ..questions.doctor import doctor
from ..questions.environment import told
from ..questions.options import DoctorOptions
from ..report.doctor import render_checks, render_same
from ..report.formats.text import Screen
from ..report.result import DoctorResult
from .exit_codes import EXIT_INTERRUPTED, EXIT_INVALID
from .output import give, rendered, say
from .progress import Progress
from .telling import Telling, tell

_IF_LOST = "run webdyno doctor again"


def run_doctor(telling: Telling, options: DoctorOptions) -> None:
    """Carry out `webdyno doctor`, and exit: 0 done, 3 no figure could be found or given, 130 interrupted.

    Raises:
        UsageError: another run measures into the folder of the store, or it cannot be written to.
        NotGiven: the floor cannot be kept, or what was found not printed.
        MeasurementError: the stack could not be set up.
        Interrupted: nothing was measured yet.
    """
    telling.check("doctor")
    in_text = telling.format.name == "text"
    if not telling.quiet:
        say("inspecting the machine, a few seconds")
    with Interruption():
        with Progress(quiet=telling.quiet) as progress:
            result = doctor(looked=_tell_checks if in_text else _wait, emit=progress, **options)
        if result.kept:
            result = replace(result, kept=Path(told(str(result.kept))))
        # The checks were shown before the comparison.
        tell(result, telling, _IF_LOST, shown=partial(_same, result))
        if result.not_kept:
            raise result.not_kept
    raise typer.Exit(exit_code(result.fitness))


def exit_code(fitness: Fitness) -> int:
    """0 where all that was asked is known, 130 after an interruption, 3 otherwise."""
    if fitness.same is None or fitness.same.floor:
        return 0
    return EXIT_INTERRUPTED if fitness.same.interrupted else EXIT_INVALID


def _wait(fitness: Fitness) -> None:
    """Tell nothing before all is known."""


def _tell_checks(fitness: Fitness) -> None:
    console = Console(highlight=False)
    give(rendered(console, render_checks(fitness.facts.host, fitness.checks, width=console.width)), _IF_LOST)


def _same(result: DoctorResult, screen: Screen) -> Group:
    found = result.fitness.same
    return render_same(found, width=screen.width, kept=str(result.kept or "")) if found else Group()
