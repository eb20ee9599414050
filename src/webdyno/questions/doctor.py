"""Is this machine fit to measure?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Unpack

from ..analysis.fitness.judge import judge_machine
from ..analysis.fitness.result import Fitness, same
from ..errors import NotGiven
from ..lab.events import Emit
from ..lab.interruption import Interruption
from ..probes.machine import look_at_machine, machine_key
from ..report.result import DoctorResult
from ..store.floor import write_floor
from ..store.lock import lock_folder, run_lock
from .compare import compare, ignore
from .option import checked
from .options import DoctorOptions

# Of each CPU that will serve or load: a second shows steal to 1 %, since it is counted in hundredths.
SPIN_S = 1.0
# The same stack under two names, since one run names each once: one worker is what it has anyway.
SAME = ("flask@gunicorn", "flask@gunicorn?workers=1")
# More and shorter blocks than compare's, so that their scatter is known within the time that somebody waits.
WINDOW_S, WARMUP_S, LONGEST_S = 0.5, 0.2, 40.0


def doctor(
    *,
    looked: Callable[[Fitness], None] = ignore,
    emit: Emit = ignore,
    **options: Unpack[DoctorOptions],
) -> DoctorResult:
    """Look at this machine, and compare a stack with itself to see how small a difference can be seen.

    Args:
        looked: told of what it looks like before anything is measured.
        emit: told of every step of the comparison, see `webdyno.lab.events`.
        **options: see `docs/python.md`. Later comparisons into the same store take nothing for a difference that is
            below what was found here; with `store=None` nothing is kept.

    Raises:
        UsageError: another run measures into the folder of the store, or it cannot be written to.
        MeasurementError: the stack could not be set up.
        Interrupted: nothing was measured yet.
    """
    asked = checked(DoctorOptions, options)
    store, quick = asked["store"], asked["quick"]
    folder = None if store is None else lock_folder(store)
    alone: AbstractContextManager[None] = nullcontext() if quick or folder is None else run_lock(folder)
    with Interruption() as interruption, alone:
        fitness = _look()
        looked(fitness)
        if quick:
            return DoctorResult(fitness)
        result = compare(SAME, duration=WINDOW_S, warmup=WARMUP_S, max_time=LONGEST_S, store=None, emit=emit)
        interruption.ignore_further()
        found = same(result.run, result.analysis, fitness.machine)
        fitness = fitness.model_copy(update={"same": found})
        if not found.floor or folder is None:
            return DoctorResult(fitness)
        try:
            return DoctorResult(fitness, write_floor(folder, found.floor))
        except NotGiven as error:
            return DoctorResult(fitness, not_kept=error)


def _look() -> Fitness:
    started = datetime.now(UTC)
    facts = look_at_machine(SPIN_S)
    return Fitness(started=started, machine=machine_key(facts.host), facts=facts, checks=judge_machine(facts))
