"""The pilot, whose figures decide the rate and the windows of the whole run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from tests.lab.test_stopping import question
from webdyno.lab import schedule
from webdyno.lab.experiment import run_experiment
from webdyno.lab.fresh_start import Bench, Place, Stage
from webdyno.lab.trial import measure_fresh_start
from webdyno.model.run import StackRecord
from webdyno.model.trial import Trial
from webdyno.model.workload import Expected


def test_a_pilot_that_was_slept_through_is_taken_again_and_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[Trial] = []

    def measured(
        bench: Bench,
        records: Sequence[StackRecord],
        place: Place,
        measuring: Callable[[Stage], None],
        save: Callable[[Trial], None],
    ) -> list[Expected | None]:
        def save_first_asleep(trial: Trial) -> None:
            if not slept:
                assert trial.result and trial.result.engine
                engine = trial.result.engine.model_copy(update={"loop_gap_max_s": 4.9})
                result = trial.result.model_copy(update={"engine": engine, "ok": 0, "ok_in_window": 0.2})
                trial = trial.model_copy(update={"result": result})
                slept.append(trial)
            save(trial)

        return measure_fresh_start(bench, records, place, measuring, save_first_asleep)

    monkeypatch.setattr(schedule, "measure_fresh_start", measured)
    asked = replace(question(("bare-wsgi@gunicorn",), precision=None, blocks=1, metrics=()), rate=None)
    run = run_experiment(asked)
    assert [trial.phase for trial in run.trials] == ["pilot", "pilot", "saturation", "rate"]
    assert run.trials[0] == slept[0]
    assert run.trials[1].result
    assert run.experiment.rate
    assert run.experiment.rate.rate == pytest.approx(run.trials[1].result.throughput / 2, rel=0.1)
