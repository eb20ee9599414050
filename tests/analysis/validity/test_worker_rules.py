import pytest

from tests.factories import Truth, make_run
from webdyno.analysis.measured_trial import MeasuredTrial
from webdyno.analysis.validity.worker_rules import worker_imbalance, worker_lost
from webdyno.model.load import ClosedLoad
from webdyno.model.trial import FailureKind, Trial
from webdyno.texts.catalogue import told

(PILOT, TRIAL, RATE) = make_run((Truth("flask@gunicorn?workers=4", 3000, 300),), blocks=1).trials


def measured(workers: int, *cpu_s: float, ended: int = 0, trial: Trial = TRIAL) -> MeasuredTrial:
    assert trial.resources and trial.result
    resources = trial.resources.model_copy(update={"children_cpu_s": cpu_s, "children_ended": ended})
    return MeasuredTrial(trial.model_copy(update={"resources": resources}), trial.result, workers=workers)


@pytest.mark.parametrize(("ended", "said"), [(1, "a process of the server ended"), (3, "3 processes of the server")])
def test_a_process_that_ended_makes_the_trial_invalid(ended: int, said: str) -> None:
    (finding,) = worker_lost(measured(4, 0.2, 0.2, ended=ended))
    assert finding.severity == "invalid"
    assert told(finding.what).startswith(said)
    assert not list(worker_lost(measured(4, 0.2)))


@pytest.mark.parametrize(
    ("begun", "failures", "outside", "severity"),
    [
        (2, {}, None, "caution"),
        (2, {}, 0, "caution"),
        (1, {}, 0, "invalid"),
        (2, {"reset": 1}, 0, "invalid"),
        (2, {}, 1, "invalid"),
    ],
)
def test_processes_that_are_renewed_without_losing_a_request_are_a_caution(
    begun: int, failures: dict[FailureKind, int], outside: int | None, severity: str
) -> None:
    lost = measured(4, 0.2, 0.2, ended=2)
    assert lost.trial.resources
    resources = lost.trial.resources.model_copy(update={"children_begun": begun})
    result = lost.result.model_copy(update={"failures": failures, "failed_outside": outside})
    (finding,) = worker_lost(MeasuredTrial(lost.trial.model_copy(update={"resources": resources}), result, workers=4))
    assert finding.severity == severity
    assert ("others began, without a failed request" in told(finding.what)) == (severity == "caution")


def test_a_worker_beyond_its_share_is_told_with_both() -> None:
    (finding,) = worker_imbalance(measured(4, 0.9, 0.1, 0.1, 0.1))
    assert finding.severity == "caution"
    (idle,) = worker_imbalance(measured(4, 0.3, 0.3, 0.3, 0.01))
    assert idle.severity == "invalid"
    assert "one of 4 workers did 75 % of the work, where 25 % is its share" in told(finding.what)


def test_an_idle_worker_is_no_fault_of_the_server_where_there_are_fewer_connections_than_workers() -> None:
    few = TRIAL.model_copy(update={"load": ClosedLoad(connections=3)})
    (finding,) = worker_imbalance(measured(4, 0.3, 0.3, 0.3, 0.0, trial=few))
    assert finding.severity == "caution"
    enough = TRIAL.model_copy(update={"load": ClosedLoad(connections=4)})
    (finding,) = worker_imbalance(measured(4, 0.3, 0.3, 0.3, 0.0, 0.0, trial=enough))
    assert finding.severity == "invalid"


@pytest.mark.parametrize(
    "fair",
    [
        measured(4, 0.2, 0.2, 0.19, 0.18),
        measured(4, 0.29, 0.2, 0.19, 0.18),
        measured(1, 0.9, 0.0),
        measured(2, 0.2, 0.2, 0.0),
        measured(4, 0.2, 0.2, 0.2, 0.05),
        measured(2, 0.01, 0.0),
        measured(2, 0.9),
        measured(4, 0.9, 0.1, 0.1, 0.1, trial=RATE),
        measured(2, 0.9, 0.08, 0.08),
        measured(2, 0.9, 0.5, 0.1, 0.09),
    ],
    ids=[
        "even",
        "nearly even",
        "one worker",
        "a helper beside",
        "a quarter of the share",
        "nothing to do",
        "not all seen",
        "open load",
        "a helper that is busier than they",
        "two such helpers",
    ],
)
def test_even_shares_helpers_and_idle_workers_are_no_reason(fair: MeasuredTrial) -> None:
    assert not list(worker_imbalance(fair))
