"""The Python interface: `webdyno.compare([...])`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import ValidationError

from .analysis.results import Analysis
from .errors import UsageError
from .lab.events import Emit
from .lab.experiment import run_experiment
from .lab.question import Question
from .lab.stopping import Decided
from .model.base import MOST_WHOLE, Value
from .model.http_request import check_fields
from .model.load import ClosedLoad, OpenLoad, Window
from .model.notation import ParsedStack, parse_notation
from .model.run import Run
from .model.secret_rules import mask_text
from .model.verdict import Closing, Metric
from .model.workload import HELLO, JsonScalar, Request, Workload
from .probes.host import host_facts
from .probes.machine import machine_key
from .stacks.app_settings import START_TIMEOUT_S, AppSettings, checked_start_timeout
from .stacks.layers import Layered, explainable, layered
from .stacks.workloads import find_workload
from .store.database import Store
from .store.floor import read_floor
from .store.lock import lock_folder, run_lock

DEFAULT_STACKS = (
    "flask@gunicorn",
    "flask@gunicorn?worker_class=gthread&threads=8",
    "flask@gunicorn?worker_class=uvicorn&wrap=asgiref",
    "quart@gunicorn?worker_class=uvicorn",
    "fastapi@gunicorn?worker_class=uvicorn",
    "fastapi@granian",
)
DEFAULT_STORE = Path(".webdyno/results.db")

OPTIONS = {
    "warmup_s": "warmup",
    "duration_s": "duration",
    "timeout_s": "timeout",
    "headers": "header",
    "json_values": "expect-json",
}
# What each option of a load or request takes, as a remedy.
ALLOWED = {
    "connections": "give 1 to 10,000",
    "rate": "give more than 0 and at most 1,000,000 arrivals per second",
    "arrivals": "give poisson or constant",
    "warmup": "give 0s to 1h",
    "duration": "give 0.05s to 1h",
    "timeout": "give more than 0s and at most 1h",
    "status": "give 200 to 599",
    "method": "give an HTTP method such as GET",
    "expect-json": "give text, a number, true, false or null",
    "path": "begin it with / and write spaces and other characters percent-encoded",
    "header": "write NAME: VALUE on one line, in characters that HTTP allows",
}

V = TypeVar("V", bound=Value)


@dataclass(frozen=True)
class Result:
    """What a comparison found.

    Attributes:
        run: everything that was measured and how, see `docs/results.md`.
        analysis: summaries, ratios with their intervals, verdicts, reasons of validity.
    """

    run: Run
    analysis: Analysis

    @classmethod
    def of(cls, run: Run) -> Result:
        """Analyse a run, new or stored."""
        # Its libraries take half a second to import: after the measurement, nobody waits for them.
        from .analysis.analyse import analyse

        analysis = analyse(run)
        sides = explainable(run)
        found = analysis.verdict("throughput", sides[1].stack, sides[0].stack) if sides else None
        differ = found is not None and found.outcome in ("faster", "slower")
        return cls(run, _explained(analysis, *sides) if sides and differ else analysis)

    def to_json(self) -> str:
        """The run and its analysis as one JSON document (`schema: 1`)."""
        from .report.json_document import to_json

        return to_json(self.run, self.analysis)

    def to_markdown(self) -> str:
        """A table and the verdicts as Markdown."""
        from .report.markdown import to_markdown

        return to_markdown(self.run, self.analysis)

    def to_html(self) -> str:
        """A self-contained page with charts."""
        from .report.html.page import render

        return render(self.run, self.analysis)


def compare(
    stacks: Sequence[str] | str = DEFAULT_STACKS,
    *,
    app_dir: str | Path | Sequence[str | Path] | None = None,
    python: str | Path | None = None,
    env: Mapping[str, str] | None = None,
    hidden: Mapping[str, str] | None = None,
    workload: str | None = None,
    path: str | None = None,
    method: str = "GET",
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    body: bytes | None = None,
    status: int | None = None,
    expect_body: bytes | None = None,
    expect_json: Mapping[str, JsonScalar] | None = None,
    connections: int = 32,
    rate: float | None = None,
    arrivals: Literal["constant", "poisson"] = "poisson",
    duration_s: float = 1.0,
    warmup_s: float = 0.3,
    timeout_s: float = 10.0,
    start_timeout_s: float = START_TIMEOUT_S,
    blocks: int | None = None,
    precision: float | None = None,
    metrics: Sequence[Metric] = (),
    response_times: bool = True,
    duet: bool = False,
    max_time_s: float = 150.0,
    seed: int | None = None,
    store: str | Path | None = DEFAULT_STORE,
    emit: Emit = lambda event: None,
    decided: Decided | None = None,
) -> Result:
    """Measure which stack carries more, and at which cost.

    Every stack is started afresh in each block, in random order, and put under a closed load (throughput, CPU per
    request) and under an open load at one common rate (response time). It takes up to `max_time_s` after set-up.

    >>> result = webdyno.compare(["flask@gunicorn", "fastapi@granian"], blocks=6)  # doctest: +SKIP
    >>> print(result.analysis.sentences[0])  # doctest: +SKIP

    Args:
        stacks: notations such as `flask@gunicorn?workers=2` or `shop.main:app@uvicorn`; the first is the baseline.
        app_dir: folder or folders that import strings are imported from, before the working folder, which is where
            this is called; `src` is tried where None.
        python: interpreter of the user's own apps; the project's `.venv` or the active environment's where None.
        env: variables for the servers, beyond a short cleaned environment.
        hidden: secrets that stand in any of these arguments, by the name that is shown and kept in their place:
            `{"env.TOKEN": token}` is written as `${env.TOKEN}`. What has the name or the look of a secret is masked
            without it (see `docs/security.md`).
        workload: a part of the reference services' contract, such as `fanout?n=100`, in place of a request of your own.
        path: what is asked for; `/` where None.
        method: HTTP method.
        headers: request headers, also as pairs, where a name may come more than once. Each replaces the one of that
            name which is sent otherwise, such as `Host`. A character stands for a byte (Latin-1).
        body: request body.
        status: the status that must come back; any 2xx where None.
        expect_body: the body that every response must have, decoded; where None, another body than the first ones is a
            remark and no error.
        expect_json: values that every body must hold, by path: `{"user.roles.0": "admin"}`.
        connections: of the closed load.
        rate: arrivals per second of the open load; half of what the slowest stack carries in the pilot where None.
        arrivals: `poisson` or `constant`.
        duration_s: length of each measured window, in seconds.
        warmup_s: seconds of the same load before each window.
        timeout_s: seconds after which a request has failed.
        start_timeout_s: seconds within which an app of the user's own must have been imported, and a server must have
            answered after its start; for the latter `timeout_s` where that is more.
        blocks: how many; as many as fit into `max_time_s` where None.
        precision: go on until half of the 95 % interval of every ratio to the baseline is within it, 0.03 for 3 %, but
            at least 6 blocks; None to plan the blocks. It is that of throughput, or of `metrics`.
        metrics: what verdicts are asked for: `throughput`, `cpu_per_request`, `p50`, `p99`, `memory`; empty: all. Fewer
            are decided sooner, since all verdicts of a run are corrected together.
        response_times: measure under the open load as well, not only at saturation.
        duet: run both of two stacks at the same time on the same cores, so that whatever disturbs the machine disturbs
            both alike: the sharpest comparison of CPU time per request on a noisy one. Beside it only memory is told.
        max_time_s: seconds after set-up, but for two blocks that are measured in any case; no limit where `blocks` is
            given.
        seed: of block order, arrivals and hash seeds; a new one where None.
        store: path or database URL where trials are kept as they end; None keeps them in the result only. What
            `webdyno doctor` found of this machine is read from beside it.
        emit: told of every step, see `webdyno.lab.events`.
        decided: asked after a third and after two thirds of the time whether the run so far is enough; ends it there if
            so, and otherwise goes on until `max_time_s`. For that many looks its level must allow (see
            `docs/statistics.md`); not with `blocks` or `precision`.

    Returns:
        The run and its analysis; also after Ctrl-C, with what was measured until then.

    Raises:
        WebdynoError: see `webdyno.errors` for each kind.
        Interrupted: Ctrl-C or SIGTERM before the first trial.
    """
    _refuse_vast(blocks=blocks, precision=precision, max_time=max_time_s, start_timeout=start_timeout_s, seed=seed)
    if decided is not None and (blocks, precision) != (None, None):
        raise UsageError("decided, blocks and precision all say when to end", "give one of them")
    parsed = tuple(parse_notation(text) for text in ([stacks] if isinstance(stacks, str) else stacks))
    question = Question(
        stacks=parsed,
        settings=AppSettings(
            app_dirs=_folders(app_dir),
            python=Path(python) if python is not None else None,
            env=dict(env or {}),
            start_timeout_s=checked_start_timeout(start_timeout_s),
        ),
        workload=_workload(
            parsed, workload, path, method, _pairs(headers or ()), body, status, expect_body, dict(expect_json or {})
        ),
        saturation=_checked(ClosedLoad, connections=connections),
        rate=None if rate is None else _checked(OpenLoad, rate=rate, arrivals=arrivals),
        arrivals=arrivals,
        window=_checked(Window, warmup_s=warmup_s, duration_s=duration_s, timeout_s=timeout_s),
        blocks=blocks,
        max_time_s=max_time_s,
        seed=secrets.randbelow(2**31) if seed is None else seed,
        precision=precision,
        metrics=tuple(dict.fromkeys(metrics)) or (("cpu_per_request",) if duet else ()),
        response_times=response_times and not duet,
        duet=duet,
        hidden=hidden or {},
        # What the doctor found is how well stacks in turn can be told apart.
        floor=None if store is None or duet else read_floor(lock_folder(store), machine_key(host_facts())),
    )
    if store is None:
        return Result.of(run_experiment(question, None, emit, _closings, decided))
    with run_lock(lock_folder(store)), Store(store) as opened:
        return Result.of(run_experiment(question, opened, emit, _closings, decided))


def explain(one: str, other: str, **options: Any) -> Result:
    """Measure two stacks and what they are made of, and say which part makes the difference.

    Args:
        one: notation of a reference stack.
        other: of another.
        **options: `connections`, `duration_s`, `warmup_s`, `timeout_s`, `blocks`, `max_time_s`, `seed`, `store` and
            `emit`, as `compare` takes them.

    Returns:
        The run of both and of all below them. `analysis.explanation` is None where too little of it is valid.

    Raises:
        WebdynoError: see `webdyno.errors` for each kind.
        Interrupted: Ctrl-C or SIGTERM before the first trial.
    """
    both = [layered(parse_notation(text)) for text in (one, other)]
    if both[0].stack == both[1].stack:
        raise UsageError(f"{both[0].stack} is named twice", "name two stacks that differ")
    stacks = dict.fromkeys([side.stack for side in both] + [below for side in both for below in side.upto.values()])
    result = compare(tuple(stacks), metrics=("throughput", "cpu_per_request"), response_times=False, **options)
    return Result(result.run, _explained(result.analysis, *both))


def _explained(analysis: Analysis, one: Layered, other: Layered) -> Analysis:
    # See `Result.of`.
    from .analysis.explanation import explain as explanation

    return analysis.model_copy(update={"explanation": explanation(analysis, one, other)})


def _closings(run: Run) -> tuple[Closing, ...]:
    # See `Result.of`.
    from .analysis.precision import closings

    return closings(run)


def _folders(given: str | Path | Sequence[str | Path] | None) -> tuple[Path, ...]:
    return tuple(map(Path, [given] if isinstance(given, (str, Path)) else given or ()))


def _workload(
    stacks: Sequence[ParsedStack],
    named: str | None,
    path: str | None,
    method: str,
    headers: tuple[tuple[str, str], ...],
    body: bytes | None,
    status: int | None,
    expect_body: bytes | None,
    expect_json: dict[str, JsonScalar],
) -> Workload:
    own = (path, method, headers, body, status, expect_body, expect_json) != (None, "GET", (), *[None] * 3, {})
    if named is not None:
        if own:
            raise UsageError(
                f"--workload {named:.60} says what is asked and what must come back, and so do --path, --method, "
                "--header, --body, --status, --expect-body and --expect-json",
                "leave out one or the other",
            )
        return find_workload(named)
    if not own and not any(parsed.stack.is_import_string for parsed in stacks):
        return HELLO
    request = _checked(Request, method=method, path="/" if path is None else path, headers=headers, body=body)
    check_fields(request.headers, len(request.body or b""))
    if method == "HEAD" and (expect_body is not None or expect_json):
        raise UsageError(
            "responses to --method HEAD have no body to expect", "leave out --expect-body and --expect-json"
        )
    return _checked(
        Workload, name="own request", request=request, status=status, body=expect_body, json_values=expect_json
    )


def _pairs(headers: Mapping[str, str] | Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(headers.items() if isinstance(headers, Mapping) else headers)


def _refuse_vast(**numbers: float | None) -> None:
    """Refuse whole numbers that no float and no document holds: to show or compare one would fail.

    Raises:
        UsageError: one is.
    """
    for name, number in numbers.items():
        if isinstance(number, int) and abs(number) > MOST_WHOLE:
            raise UsageError(f"the number for --{name.replace('_', '-')} is too large", f"give at most {MOST_WHOLE}")


def _checked(kind: type[V], **fields: Any) -> V:
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        option = OPTIONS.get(str(first["loc"][0]), str(first["loc"][0]))
        # Of a header the name: its value may be a secret.
        shown = fields["headers"][first["loc"][1]][0] if option == "header" else first["input"]
        raise UsageError(
            f"--{option} {_in_short(shown)} cannot be used",
            ALLOWED.get(option, "see the options of webdyno compare"),
        ) from error


def _in_short(value: object) -> str:
    try:
        return f"{mask_text(str(value)):.60}"
    except ValueError:
        # Python writes no whole number of more than 4,300 digits.
        return "of so many digits"
