"""`webdyno doctor`: is this machine fit to measure?"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console

from ..analysis.fitness.judge import judge_machine
from ..analysis.fitness.result import Fitness, Same, same
from ..api import compare
from ..lab.interruption import Interruption
from ..probes.machine import look_at_machine, machine_key
from ..report.doctor import render_checks, render_same
from ..store.floor import write_floor
from ..store.lock import lock_folder, run_lock
from .compare import EXIT_INTERRUPTED, EXIT_INVALID
from .output import give, rendered, say
from .progress import Progress

# Of each CPU that will serve or load: a second shows steal to 1 %, since it is counted in hundredths.
SPIN_S = 1.0
# The same stack under two names, since one run names each once: one worker is what it has anyway.
SAME = ("flask@gunicorn", "flask@gunicorn?workers=1")
# More and shorter blocks than compare's, so that their scatter is known within the time that somebody waits.
WINDOW_S, WARMUP_S, LONGEST_S = 0.5, 0.2, 40.0
_IF_LOST = "run webdyno doctor again"


@dataclass(frozen=True)
class DoctorOptions:
    """How `webdyno doctor` was asked."""

    store: str
    quick: bool
    json: bool
    quiet: bool


def run_doctor(options: DoctorOptions) -> None:
    """Carry out `webdyno doctor`, and exit: 0 done, 3 no figure could be found or given, 130 interrupted.

    Raises:
        UsageError: another run measures into the folder of the store, or it cannot be written to.
        NotGiven: the floor cannot be kept, or what was found not printed.
        MeasurementError: the stack could not be set up.
        Interrupted: nothing was measured yet.
    """
    folder = lock_folder(options.store)
    alone: AbstractContextManager[None] = nullcontext() if options.quick else run_lock(folder)
    with Interruption() as interruption, alone:
        fitness = _look(options)
        if not options.quick:
            with Progress(quiet=options.quiet) as progress:
                result = compare(
                    SAME, duration_s=WINDOW_S, warmup_s=WARMUP_S, max_time_s=LONGEST_S, store=None, emit=progress
                )
            interruption.ignore_further()
            found = same(result.run, result.analysis, fitness.machine)
            fitness = fitness.model_copy(update={"same": found})
            _tell_same(found, fitness, folder, options)
        elif options.json:
            give(_json(fitness), _IF_LOST)
    raise typer.Exit(exit_code(fitness))


def exit_code(fitness: Fitness) -> int:
    """0 where all that was asked is known, 130 after an interruption, 3 otherwise."""
    if fitness.same is None or fitness.same.floor:
        return 0
    return EXIT_INTERRUPTED if fitness.same.interrupted else EXIT_INVALID


def _look(options: DoctorOptions) -> Fitness:
    if not options.quiet:
        say("looking at the machine, a few seconds")
    started = datetime.now(UTC)
    facts = look_at_machine(SPIN_S)
    checks = judge_machine(facts)
    if not options.json:
        console = Console(highlight=False)
        give(rendered(console, render_checks(facts.host, checks, width=console.width)), _IF_LOST)
    return Fitness(started=started, machine=machine_key(facts.host), facts=facts, checks=checks)


def _tell_same(found: Same, fitness: Fitness, folder: Path, options: DoctorOptions) -> None:
    kept, console = "", Console(highlight=False)
    try:
        if found.floor:
            kept = str(write_floor(folder, found.floor))
    finally:
        shown = (
            _json(fitness) if options.json else rendered(console, render_same(found, width=console.width, kept=kept))
        )
        give(shown, _IF_LOST)


def _json(fitness: Fitness) -> str:
    return fitness.model_dump_json(by_alias=True, indent=2) + "\n"
