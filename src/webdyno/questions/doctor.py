"""Is this machine fit to measure?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Unpack

from ..analysis.machine.fitness import Fitness
from ..errors import NotGiven
from ..lab.events import Emit
from ..lab.interruption import Interruption
from ..model.doctor_run import DoctorRun
from ..model.new_id import new_id
from ..probes.machine import look_at_machine, machine_key
from ..report.result import DoctorResult
from ..store.database import Store
from ..store.floor import write_floor
from ..store.run_lock import lock_folder, run_lock
from .analysed import fitness_of, result_of
from .compare import compare, ignore
from .keeping import keep, opened
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
    with Interruption() as interruption, alone, opened(None if quick else store) as opened_store:
        run = _look()
        looked(fitness_of(run))
        if quick:
            return result_of(run)
        measured = compare(SAME, duration=WINDOW_S, warmup=WARMUP_S, max_time=LONGEST_S, store=None, emit=emit)
        interruption.ignore_further()
        result = result_of(run.model_copy(update={"comparison": measured.run}))
        return result if folder is None else _kept(result, folder, opened_store)


def _kept(result: DoctorResult, folder: Path, store: Store | None) -> DoctorResult:
    result = replace(result, not_kept=keep(store, result.run))
    found = result.fitness.same
    if found is None or not found.floor:
        return result
    try:
        return replace(result, kept=write_floor(folder, found.floor))
    except NotGiven as error:
        return replace(result, not_kept=error)


def _look() -> DoctorRun:
    started = datetime.now(UTC)
    facts = look_at_machine(SPIN_S)
    return DoctorRun(id=new_id(started), started=started, machine=machine_key(facts.host), facts=facts)
