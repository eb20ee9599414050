"""Which stack carries more, at which latency, CPU and memory cost?"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Unpack, cast

from ..analysis.validity.rule import rules_of_others
from ..errors import UsageError
from ..lab.designs.design import Design
from ..lab.designs.table import DESIGNS
from ..lab.ending import Decided
from ..lab.events import Emit
from ..lab.experiment import run_experiment
from ..lab.question import Question
from ..loadgen.drivers.table import find_driver
from ..model.load import ClosedLoad, OpenLoad, Window
from ..model.notation import ParsedStack, parse_notation
from ..probes.host import host_facts
from ..probes.machine import machine_key
from ..probes.table import asked_probes
from ..report.result import ComparisonResult
from ..stacks.app_settings import AppSettings
from ..store.database import Store
from ..store.floor import read_floor
from ..store.run_lock import lock_folder, run_lock
from .analysed import result_of
from .continue_run import continue_comparison
from .keeping import kept_in
from .kinds import refused
from .option import checked, flag, options_of
from .options import OF_STARTED, CompareOptions, OwnAppOptions, TrialOptions
from .stack_request import workload_of
from .watching import closings_of, knows_order, so_far

DEFAULT_STACKS = (
    "flask@gunicorn",
    "flask@gunicorn?worker_class=gthread&threads=8",
    "flask@gunicorn?worker_class=uvicorn&wrap=asgiref",
    "quart@gunicorn?worker_class=uvicorn",
    "fastapi@gunicorn?worker_class=uvicorn",
    "fastapi@granian",
)
# Of a quick run, where nothing else is given: for whoever waits in front of the screen. Windows are short, since an
# order needs three fresh starts of each stack at the least, and of six stacks no more fit into that time.
QUICK_S, QUICK_WINDOW_S, QUICK_WARMUP_S = 40.0, 0.3, 0.2


def ignore(event: object) -> None:
    """Take no notice of an event."""


def compare(
    stacks: Sequence[str] | str = DEFAULT_STACKS,
    *,
    response_times: bool | None = None,
    continue_run: str | Literal[True] | None = None,
    emit: Emit = ignore,
    decided: Decided | None = None,
    **options: Unpack[CompareOptions],
) -> ComparisonResult:
    """Measure which stack has the higher throughput, and at what cost in latency, CPU and memory.

    Each block starts every stack in a fresh process, in random order, and puts it under a closed load (throughput, CPU
    per request) and under an open load at one fixed rate (response time). It takes up to `max_time` after set-up.

    >>> result = webdyno.compare(["flask@gunicorn", "fastapi@granian"], blocks=6)  # doctest: +SKIP
    >>> print(result.analysis.sentences[0])  # doctest: +SKIP

    Args:
        stacks: notations such as `flask@gunicorn?workers=2` or `shop.main:app@uvicorn`; the first is the baseline.
        response_times: measure under the open load as well, not only at saturation; where None, unless `metrics` ask
            for none.
        continue_run: add blocks to a stored run, by its identifier or the beginning of it, or True for the newest: its
            plan stands, so that no stacks are named. It goes on until what it asks is decided, or `max_time` is up;
            `blocks` adds that many, `precision` goes on until then. See `docs/statistics.md`.
        emit: told of every step, see `webdyno.lab.events`.
        decided: asked after a third and after two thirds of the time whether the run so far is enough; ends it there if
            so, and otherwise goes on until `max_time`. For that many looks its level must allow (see
            `docs/statistics.md`); not with `blocks` or `precision`.
        **options: see `docs/python.md`; times in seconds, shares as 0.03. With `store=None` trials are kept in the
            result only.

    Returns:
        The run and its analysis; also after Ctrl-C, with what was measured until then.

    Raises:
        WebdynoError: see `webdyno.errors` for each kind.
        Interrupted: Ctrl-C or SIGTERM before the first trial, or before a block was added to a run.
    """
    asked, showing = checked(CompareOptions, options), None if emit is ignore else so_far
    if continue_run is not None:
        if stacks is not DEFAULT_STACKS or response_times is not None or decided is not None:
            raise UsageError("a run that is continued has its stacks, and its plan", "name the run alone")
        return continue_comparison(None if continue_run is True else continue_run, options, asked, emit, showing)
    if asked["quick"]:
        asked, decided = _quick(asked, options), knows_order
    if decided is not None and (asked["blocks"], asked["precision"]) != (None, None):
        raise UsageError("decided, --blocks and --precision all say when to end", "give one of them")
    question, store = _question(stacks, asked, response_times), asked["store"]
    # One that cannot be loaded is refused before anything is measured.
    rules_of_others()
    if store is None:
        return result_of(run_experiment(question, None, emit, closings_of, decided, showing))
    with run_lock(lock_folder(store)), Store(store) as opened:
        return kept_in(result_of(run_experiment(question, opened, emit, closings_of, decided, showing)), opened, store)


def app_settings(options: OwnAppOptions) -> AppSettings:
    """Where the user's own apps live and what they need.

    Args:
        options: checked.
    """
    python = options["python"]
    return AppSettings(
        app_dirs=cast("tuple[Path, ...]", options["app_dir"] or ()),
        python=None if python is None else Path(python),
        env=options["env"] or {},
        start_timeout_s=options["start_timeout"],
    )


def _refuse_unheard(stacks: Sequence[ParsedStack], options: CompareOptions) -> None:
    """Refuse what is for apps that webdyno starts, where there are none."""
    name = next((name for name in OF_STARTED if options.get(name)), None)
    if name and stacks and all(parsed.stack.url is not None for parsed in stacks):
        called = flag(name, options_of(CompareOptions)[name])
        message = f"{called} is for apps that webdyno starts, and there is none: what is named already runs"
        raise UsageError(message, "leave it out; set it where the server is started")


def design_of(options: TrialOptions) -> Design:
    """How the stacks share the time: in turn as well where the load tool cannot pause.

    Raises:
        UsageError: two ways are asked for.
    """
    if options["duet"] and options["in_turn"]:
        raise UsageError("--duet measures both stacks at once, and --in-turn one after the other", "give one of them")
    pauses = "pauses" in find_driver(options["driver"]).abilities
    return DESIGNS["duet" if options["duet"] else "alternating" if pauses and not options["in_turn"] else "in-turn"]


def _question(stacks: Sequence[str] | str, options: CompareOptions, response_times: bool | None) -> Question:
    texts = [stacks] if isinstance(stacks, str) else stacks
    if not isinstance(texts, Sequence) or not texts or not all(isinstance(text, str) for text in texts):
        raise refused("stacks", repr(stacks), "give notations, as ['flask@gunicorn', 'fastapi@granian']")
    parsed = tuple(map(parse_notation, texts))
    _refuse_unheard(parsed, options)
    rate, arrivals, design = options["rate"], options["arrivals"], design_of(options)
    seed, store = options["seed"], options["store"]
    driver = find_driver(options["driver"])
    metrics = tuple(dict.fromkeys(options["metrics"] or ()))
    if response_times is None:
        # Without the open load there are nearly twice as many blocks in the same time.
        named = rate is not None or not {"p50", "p99"}.isdisjoint(metrics)
        # Where nobody asks for it by name, it is measured if the load tool can.
        response_times = named or (not metrics and arrivals in driver.abilities)
    return Question(
        stacks=parsed,
        settings=app_settings(options),
        workload=workload_of(parsed, options),
        saturation=ClosedLoad(connections=options["connections"]),
        rate=None if rate is None else OpenLoad(rate=rate, arrivals=arrivals),
        arrivals=arrivals,
        window=Window(warmup_s=options["warmup"], duration_s=options["duration"], timeout_s=options["timeout"]),
        blocks=options["blocks"],
        max_time_s=options["max_time"],
        seed=secrets.randbelow(2**31) if seed is None else seed,
        precision=options["precision"],
        quick=options["quick"],
        metrics=metrics or design.judged,
        response_times=response_times and "p99" in design.metrics,
        design=design,
        driver=driver,
        probes=asked_probes(options["probes"] or ()),
        hidden=options.get("hidden", {}),
        of_gate=options.get("of_gate", False),
        # What the doctor found is how well stacks in turn can be told apart.
        floor=None
        if store is None or not design.keeps_floor
        else read_floor(lock_folder(store), machine_key(host_facts())),
    )


def _quick(asked: CompareOptions, given: CompareOptions) -> CompareOptions:
    """The options of a quick run: what is not given is shorter."""
    for name, value in (("blocks", asked["blocks"]), ("precision", asked["precision"])):
        if value is not None:
            raise UsageError(f"--quick and --{name} both say when to end", "give one of them")
    quick = asked.copy()
    quick["max_time"] = given.get("max_time") or QUICK_S
    quick["duration"] = given.get("duration") or QUICK_WINDOW_S
    quick["warmup"] = QUICK_WARMUP_S if given.get("warmup") is None else asked["warmup"]
    quick["metrics"] = asked["metrics"] or design_of(asked).judged[:1] or ("throughput",)
    return quick
