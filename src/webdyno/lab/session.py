"""Session: one run while it grows; what is measured is kept, whatever happens next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from ..errors import DependencyFailed, Interrupted, NoRoom, StoreError
from ..model.fact import Fact, fact
from ..model.kept import kept_note, kept_record, kept_run, kept_trial
from ..model.run import Run, RunState, StackRecord
from ..model.secrets import Secrets
from ..model.trial import Trial
from ..store.database import Store
from ..store.rescue_file import write_aside
from ..texts.catalogue import as_note
from .events import Emit, Remark, TrialDone, remark
from .interruption import Interruption

NOT_STORED = "not-stored"
_LINES_NOTED = 3


def was_stored(run: Run) -> bool:
    """Whether the store took the run as it ended."""
    return not any(note.what and note.what.key == NOT_STORED for note in run.notes)


def _dependency_failed(failed: DependencyFailed, trials: int) -> Fact:
    said = failed.details[-_LINES_NOTED:]
    if not said:
        return fact("dependency-failed", why=failed.message, trials=trials)
    return fact("dependency-failed.output", why=failed.message, trials=trials, lines=said)


def _written_elsewhere(run: Run) -> Fact | str:
    try:
        path = write_aside(run.model_dump_json(by_alias=True), f"run-{run.id}")
    except (StoreError, ValueError) as error:
        return str(error)
    return fact("kept-in-file", path=str(path))


class Session:
    """Holds the run, saves it step by step, and keeps the clock.

    What it is given is what was used; from here on there are only masked secrets.

    Attributes:
        run: the run so far, as it is kept.
        emit: where events go.
    """

    def __init__(
        self,
        run: Run,
        store: Store | None,
        emit: Emit,
        interruption: Interruption,
        secrets: Secrets | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._secrets = secrets or Secrets()
        self.run = kept_run(run, self._secrets)
        self.emit = emit
        self._store = store
        self._interruption = interruption
        self._now = now
        self._began = now()
        self._before_s = run.measured_s
        self._fault = ""
        self._before: Run | None = None

    def go_on(self, run: Run) -> None:
        """Add blocks to the run, which the store has; `run` is it as it goes on.

        Until one of its blocks has a trial, all but the pilot's trials stays as it was, whatever happens.
        """
        self._before, self.run = self.run, kept_run(run, self._secrets)

    def elapsed_s(self) -> float:
        """Seconds since the pilot began: that of the continuation, where it is one."""
        return self._now() - self._began

    def keep_time(self) -> None:
        """Keep how long it has taken so far, so that a run which is killed knows it."""
        self.change(measured_s=self._measured_s())

    def _measured_s(self) -> float:
        return round(self._before_s + self.elapsed_s(), 3)

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Store the run from its beginning to its end; an interruption ends it early and is not raised further.

        Raises:
            StoreError: it is to be continued, and another process writes it, or it is gone.
            Interrupted: it was to be continued, and has no further block.
        """
        state: RunState = "failed"
        if self._before and self._store is not None:
            self._store.resume(self.run.id)
        try:
            with self._interruption.shield():
                if not self._before:
                    self._to_store(lambda store: store.begin(self.run))
            yield
            self._interruption.ignore_further()
            state = "complete"
        except Interrupted as interrupted:
            self._interruption.ignore_further()
            if self._before:
                interrupted.message += f" before a block was added to run {self.run.id}, which stays as it was"
                raise
            state = "interrupted"
            self.note(fact("ended-early", why=interrupted.message, trials=len(self.run.trials)))
        except DependencyFailed as failed:
            self.note(_dependency_failed(failed, len(self.run.trials)))
            if self._store is not None and self.run.trials and not self._fault:
                failed.remedy += f"; what was measured until then is kept as run {self.run.id}"
            raise
        finally:
            self._interruption.ignore_further()
            self._end(state)
            if self._fault:
                elsewhere = _written_elsewhere(self.run)
                self.note(fact("not-stored", why=self._fault, elsewhere=elsewhere), always=True)

    def _end(self, state: RunState) -> None:
        if self._before:
            before, self._before = self._before, None
            self.run = before.model_copy(update={"trials": self.run.trials})
            self.change(measured_s=self._measured_s())
        else:
            self.change(state=state, finished=datetime.now(UTC), measured_s=self._measured_s())

    def save(self, trial: Trial) -> None:
        """Keep one trial, durable once this returns."""
        trial = kept_trial(trial, self._secrets)
        with self._interruption.shield():
            self.run = self.run.model_copy(update={"trials": (*self.run.trials, trial)})
            if self._before and trial.block:
                self._before = None
                self._to_store(lambda store: store.update(self.run))
            else:
                self._to_store(lambda store: store.save_trial(self.run.id, trial))
        self.emit(TrialDone(trial=trial))

    def change(self, **fields: object) -> None:
        """Replace fields of the run other than its trials, and store them."""
        with self._interruption.shield():
            self.run = self.run.model_copy(update=fields)
            if self._before:
                return
            # An update also stores the trials that could not be stored before.
            if self._to_store(lambda store: store.update(self.run)):
                self._fault = ""

    def learned(self, records: Iterable[StackRecord]) -> None:
        """Keep what was learned of some stacks."""
        found = {record.notation: kept_record(record, self._secrets) for record in records}
        self.change(stacks=tuple(found.get(record.notation, record) for record in self.run.stacks))

    def note(self, what: Fact, *, always: bool = False) -> None:
        """Keep a remark with the run; `always` as in `Remark`."""
        note = kept_note(as_note(what), self._secrets)
        self.change(notes=(*self.run.notes, note))
        self.emit(Remark(text=note.text, what=note.what, always=always))

    def _to_store(self, write: Callable[[Store], None]) -> bool:
        """Write; a full disk must not cost the measurement, which goes on in memory: the next update tries again."""
        if self._store is None:
            return True
        try:
            write(self._store)
        except (StoreError, NoRoom) as error:
            if not self._fault:
                self.emit(remark(fact("not-stored-yet", why=error.message)))
            self._fault = error.message
            return False
        return True
