"""What a run keeps and tells holds no secret, wherever one was: each place that text comes in by has one of its own."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from pydantic import JsonValue
from rich.console import Console

from tests.factories import make_run
from tests.load_runs import load_run
from tests.planted import planted
from tests.store.samples import read_comparison
from webdyno.analysis.load.analyse_load import analyse_load
from webdyno.lab.events import Event
from webdyno.lab.interruption import Interruption
from webdyno.lab.session import Session
from webdyno.model.dependency_record import DependencyRecord
from webdyno.model.fact import fact
from webdyno.model.kept import kept_load_run, kept_trial, learn_workload
from webdyno.model.masked import masked_load_run, masked_run
from webdyno.model.note import Note
from webdyno.model.run import Run
from webdyno.model.secrets import Secrets
from webdyno.model.trial import Bodies, Counted, DriverRecord, EndpointResult, FailureSample, ProbeFinding, Trial
from webdyno.model.workload import Example, Expected, Need, Request, Workload
from webdyno.questions.analysed import result_of
from webdyno.report.comparison.terminal import render
from webdyno.report.json_document import to_json
from webdyno.report.load.terminal import render as load_terminal
from webdyno.store.database import Store

# Secrets that are known by where they were given, and then come back under other names.
GIVEN = (
    "planted-token",
    "planted-key",
    "planted-cookie",
    "planted-variable",
    "planted-dsn",
    "planted-body",
    "planted-set",
)
REQUEST = Request(
    path="/?token=planted-query",
    headers=(
        ("Authorization", "Bearer planted-token"),
        ("X-Api-Key", "planted-key"),
        ("Cookie", "a=planted-cookie"),
        ("Accept", "text/x"),
    ),
    body=b'{"password": "planted-body"}',
)
OWN = Workload(
    name="own request",
    request=REQUEST,
    body=b'{"token": "planted-expected"}',
    json_values={"user.secret": "planted-value", "user.otp": 471147, "user.id": 7},
    needs=(Need(name="database", settings={"password": "planted-set", "connections": 5}),),
)
ENV = {"APIKEY": "planted-variable", "DATABASE_URL": "postgres://u:planted-dsn@h/d", "WEB_CONCURRENCY": "2"}
DATABASE = DependencyRecord(
    name="database",
    version="15, planted-set",
    settings=OWN.needs[0].settings,
    address="u:planted-set@h",
    argv=("database", "--password=planted-set"),
    env=ENV,
    apart=False,
)
EXPECTED = Expected(
    examples=(Example(body=b'{"auth": "planted-token", "session": "planted-made-by-the-server"}'),),
    body=b"planted-cookie",
    json_values=OWN.json_values,
)


def used() -> Run:
    """A run as it was used."""
    run = make_run(blocks=2)
    experiment = run.experiment.model_copy(update={"workload": OWN})
    update = {"env": ENV, "expected": EXPECTED, "notes": (Note(text=f"it read {' '.join(GIVEN)}"),)}
    records = tuple(
        record.model_copy(update=update | {"argv": (*record.argv, "--x=planted-key")}) for record in run.stacks
    )
    trials = tuple(map(_leaking, run.trials))
    return run.model_copy(
        update={
            "experiment": experiment,
            "stacks": records,
            "dependencies": (DATABASE,),
            "trials": trials,
            "notes": (Note(text="note planted-variable", what=fact("no-open-load", driver="planted-key")),),
        }
    )


def _leaking(trial: Trial) -> Trial:
    assert trial.result
    samples = tuple(FailureSample(kind="status", detail=f"status 500, body b'{secret}'") for secret in GIVEN)
    bodies = Bodies(looked=1, varied=1, misshapen=1, misfits=("no JSON: b'planted-ke'",))
    driver = DriverRecord(name="other", command=("other", "--header", "X-Api-Key: planted-key"))
    counted = {"failures": {"status": 6}, "ok": trial.result.ok - 6}
    result = trial.result.model_copy(update={"failure_samples": samples, "bodies": bodies, "driver": driver} | counted)
    output = (*GIVEN, "connecting to redis://:planted-elsewhere@h", "Authorization: Basic planted-somewhere")
    found = ProbeFinding(value={"planted-key": list(GIVEN), "password": "planted-elsewhere"}, failure="no planted-key")
    return trial.model_copy(
        update={
            "findings": {"other": found},
            "result": result,
            "server_output": output,
            "failure": Note(text="got planted-key"),
            "remedy": Note(text="not planted-key", what=fact("as-said", remedy="not planted-key")),
        }
    )


def told(run: Run) -> str:
    result = result_of(run)
    console = Console(width=200)
    with console.capture() as capture:
        console.print(render(run, result.analysis, width=200, stored="x"))
    return "\n".join([result.told("json"), result.told("markdown"), result.told("html"), capture.get()])


def test_what_goes_through_a_session_is_masked_in_the_store_in_events_and_in_every_report(tmp_path: Path) -> None:
    run, events = used(), list[Event]()
    assert planted(run.model_dump_json()) >= set(GIVEN), "the secrets are there to be found"
    secrets = Secrets()
    learn_workload(secrets, OWN)
    for name, value in ENV.items():
        secrets.learn(name, value)
    bare = run.model_copy(update={"trials": (), "state": "running", "finished": None})
    path = tmp_path / "results.db"
    with Interruption() as interruption, Store(path) as store:
        session = Session(bare, store, events.append, interruption, secrets)
        with session.recording():
            session.learned(run.stacks)
            session.note(fact("ended-early", why=" ".join(GIVEN), trials=1))
            for trial in run.trials:
                session.save(trial)
        assert store.load() == session.run, "what is read is not masked any further"
    with sqlite3.connect(path) as database:
        dump = "\n".join(database.iterdump())
    shown = told(session.run)
    assert planted(dump) == planted(repr(events)) == planted(shown) == set()
    for public in ("WEB_CONCURRENCY", "Accept: text/x", "postgres://u:***@h/d", "Bearer ***"):
        assert public in shown


def test_an_old_document_is_masked_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(used().model_dump_json(by_alias=True))
    read = read_comparison(path)
    assert planted(read.model_dump_json()) == set()
    assert masked_run(read) == read
    assert planted(told(read)) == set()
    assert [len(example.body) for example in read.stacks[0].expected.examples] == [len(EXPECTED.examples[0].body)]  # type: ignore[union-attr]


def test_names_of_stacks_in_an_old_document_are_masked_and_stay_apart() -> None:
    run = make_run(blocks=1)
    first, second = run.experiment.stacks[:2]
    text = run.model_dump_json(by_alias=True)
    for at, name in enumerate((first, second)):
        text = text.replace(f'"{name}"', f"\"shop:create_app(password='planted-{'xy'[at] * 4}')\"")
    masked = masked_run(Run.model_validate_json(text))
    names = masked.experiment.stacks[:2]
    assert names == ("shop:create_app(password='***')", "shop:create_app(password='***') (2)")
    assert {trial.stack for trial in masked.trials} == set(masked.experiment.stacks)
    assert planted(told(masked)) == set()


def test_what_the_reference_services_are_asked_is_kept_as_it_is() -> None:
    run = make_run(blocks=1)
    assert masked_run(run) == run


def test_a_number_is_kept_unless_it_is_a_secret() -> None:
    workload = masked_run(used()).experiment.workload
    assert workload.json_values == {"user.secret": "***", "user.otp": "***", "user.id": 7}
    assert workload.needs[0].settings == {"password": "***", "connections": 5}


def test_steps_whose_names_differ_by_a_secret_only_stay_apart() -> None:
    run = load_run([1_000_000] * 100)
    counted = {name: getattr(run.result, name) for name in Counted.model_fields}
    paths = ("/?token=planted-one", "/?token=planted-two", "/")
    endpoints = tuple(EndpointResult(name=f"GET {path}", method="GET", path=path, **counted) for path in paths)
    run = run.model_copy(update={"result": run.result.model_copy(update={"endpoints": endpoints})})
    kept = masked_load_run(run)
    assert [one.name for one in kept.result.endpoints] == ["GET /?token=***", "GET /?token=*** (2)", "GET /"]
    assert masked_load_run(kept) == kept


@pytest.mark.parametrize("old", [False, True])
def test_a_load_is_masked_in_both_forms_and_when_it_is_read(old: bool) -> None:
    run = load_run([1_000_000] * 100)
    samples = tuple(FailureSample(kind="body", detail=f"body b'{secret}'") for secret in GIVEN[:3])
    run = run.model_copy(
        update={
            "url": "http://h/?key=planted-query",
            "headers": REQUEST.headers,
            "result": run.result.model_copy(update={"failure_samples": samples}),
        }
    )
    secrets = Secrets()
    learn_workload(secrets, OWN)
    kept = masked_load_run(run) if old else kept_load_run(run, secrets)
    assert masked_load_run(kept) == kept
    console, analysis = Console(width=100), analyse_load(kept)
    with console.capture() as capture:
        console.print(load_terminal(kept, analysis))
    assert planted(to_json(kept, analysis) + capture.get()) == set()
    assert "?key=***" in capture.get()


def test_what_a_probe_counts_stays_a_number_unless_it_is_a_secret_by_itself() -> None:
    trial = make_run(blocks=1).trials[0]
    counted: dict[str, JsonValue] = {"session": 3, "token": 0.5, "otp": 471147, "secret": True, "key": None}
    secrets = Secrets({"otp": "471147"})
    kept = kept_trial(trial.model_copy(update={"findings": {"acme": ProbeFinding(value=counted)}}), secrets)
    value = kept.findings["acme"].value
    assert isinstance(value, dict) and value == counted | {"otp": value["otp"]}
    assert "471147" not in str(value)
