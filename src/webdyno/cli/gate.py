"""`webdyno gate`: measure both sides, measure a regression once more, then tell."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from ..analysis.gate import Gate, is_decided, judge_gate, suspects
from ..analysis.limits import DEFAULT_LIMITS, Limit, parse_limit
from ..api import Result, compare
from ..errors import AppFailed, EnvironmentFailed, Interrupted, MeasurementError, UsageError
from ..lab.events import Emit, Event, Launching, Measuring, Remark, SettingUp, StackReady, TrialDone
from ..lab.interruption import Interruption
from ..lab.session import was_stored
from ..lab.sides import Refs, Sides, not_set_up, sides_of_refs, sides_of_stacks
from ..model.notation import parse_notation
from ..model.run import Run
from ..model.verdict import DUET_METRICS
from ..report.gate import failure_markdown, gate_json, gate_markdown, gate_terminal
from ..store.document import write_document
from .compare import EXIT_INVALID, as_asked, can_be_written
from .output import KEPT, give, rendered, say
from .progress import Progress

EXIT_CODES = {"passed": 0, "regression": 1, "inconclusive": EXIT_INVALID, "not measured": EXIT_INVALID}
INCONCLUSIVE = {"pass": 0, "fail": 1}
SUMMARY = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True)
class GateOptions:
    """What is compared and how it is told, as the user typed it."""

    app: str | None
    base: str
    head: str
    app_dir: tuple[Path, ...]
    python: Path | None
    requirements: Path | None
    trust_git: bool
    fail_if: tuple[str, ...]
    inconclusive: str | None
    markdown: Path | None
    json: bool
    quiet: bool

    def __post_init__(self) -> None:
        """Refuse what would fail only after the measurement, or be of no effect."""
        if self.markdown is not None and not can_be_written(self.markdown):
            raise UsageError(f"--markdown {self.markdown} cannot be written", "name a file where you may write")
        if self.inconclusive not in (None, *INCONCLUSIVE):
            raise UsageError(f"--inconclusive {self.inconclusive!r:.60} is unknown", "give pass or fail")
        if self.requirements and (self.python or not self.app):
            remedy = "leave out --python" if self.python else "name your app: webdyno gate MODULE:NAME --base REF ..."
            raise UsageError("--requirements is for environments that are made for git refs", remedy)
        if self.trust_git and not self.app:
            remedy = "name your app: webdyno gate MODULE:NAME --base REF ..."
            raise UsageError("--trust-git is for what is checked out of a repository", remedy)


def run_gate(options: GateOptions, **given: Any) -> None:
    """Carry out `webdyno gate` with the options as the user typed them, and exit."""
    limits = _limits(options.fail_if, duet=given["duet"])
    asked = as_asked(given)
    # A gate tells every metric that it measures. Without the open load there are nearly twice as many blocks.
    asked["metrics"] = DUET_METRICS if given["duet"] else ()
    asked["response_times"] = given["rate"] is not None or any(limit.metric in ("p50", "p99") for limit in limits)
    # Around everything: what was checked out is removed, and the summary is written whole.
    with Interruption() as interruption:
        try:
            with Progress(quiet=options.quiet) as progress, _sides(options, interruption, progress) as sides:
                measured = _measure(sides, options, asked, limits, interruption, progress)
        except MeasurementError as error:
            _publish(failure_markdown(error.message, error.remedy), options)
            raise
        seen = [(result.run, result.analysis) for result in measured]
        gate = judge_gate(limits, seen, sides.base, sides.head, sides.notes)
        _tell(gate, measured, options, given["store"])
    codes = EXIT_CODES | ({"inconclusive": INCONCLUSIVE[options.inconclusive]} if options.inconclusive else {})
    raise typer.Exit(codes[gate.outcome])


def _limits(texts: Sequence[str], *, duet: bool) -> list[Limit]:
    limits = [parse_limit(text) for text in texts or DEFAULT_LIMITS]
    told = [limit for limit in limits if not duet or limit.metric in DUET_METRICS]
    if texts and len(told) < len(limits):
        other = next(limit for limit in limits if limit not in told)
        raise UsageError(f"--duet tells nothing of {other.metric}", f"leave out --duet, or --fail-if '{other.text}'")
    return told


@contextmanager
def _sides(options: GateOptions, interruption: Interruption, emit: Emit) -> Iterator[Sides]:
    if options.app is None:
        yield sides_of_stacks(options.base, options.head, options.python)
        return
    app = parse_notation(options.app)
    refs = Refs(
        app,
        options.base,
        options.head,
        Path.cwd(),
        options.app_dir,
        options.python,
        options.requirements,
        options.trust_git,
    )
    with sides_of_refs(refs, interruption, emit) as sides:
        yield sides


def _measure(
    sides: Sides,
    options: GateOptions,
    asked: Mapping[str, Any],
    limits: Sequence[Limit],
    interruption: Interruption,
    emit: Emit,
) -> list[Result]:
    measured = [_compare(sides, options, asked, limits, emit)]
    found = suspects(limits, (measured[0].run, measured[0].analysis), sides.base, sides.head)
    if found:
        interruption.go_on()
        emit(Remark(f"beyond {', '.join(limit.text for limit in found)}: measuring once more to confirm it"))
        seed = None if asked["seed"] is None else asked["seed"] + 1
        measured.append(_compare(sides, options, {**asked, "seed": seed}, found, emit))
    return measured


def _compare(
    sides: Sides, options: GateOptions, asked: Mapping[str, Any], limits: Sequence[Limit], emit: Emit
) -> Result:
    def decided(run: Run) -> bool:
        return is_decided(limits, run, sides.base, sides.head)

    # A number of blocks that is given is kept to: nobody looks before.
    looks = decided if asked["blocks"] is None else None
    named = _Named(emit, sides.names)
    stacks = [sides.base.stack, sides.head.stack]
    try:
        result = compare(stacks, app_dir=options.app_dir, python=sides.python, emit=named, decided=looks, **asked)
    except (AppFailed, EnvironmentFailed) as error:
        side = sides.head if named.setting_up == sides.head.name else sides.base
        raise not_set_up(side.name, side.asked, error) from error
    if result.run.state == "interrupted":
        kept = f"; what was measured is kept as run {result.run.id}" if was_stored(result.run) else ""
        raise Interrupted(f"interrupted before the gate was decided{kept}")
    return result


class _Named:
    """Passes events on with `base` and `head` in place of notations, which hold long temporary paths."""

    def __init__(self, emit: Emit, names: Mapping[str, str]) -> None:
        self.setting_up = ""
        self._emit = emit
        self._names = names

    def __call__(self, event: Event) -> None:
        match event:
            case SettingUp():
                self.setting_up = self._names[event.stack]
                event = replace(event, stack=self.setting_up)
            case Launching() | Measuring():
                event = replace(event, stack=self._names[event.stack])
            case StackReady(record):
                event = StackReady(record.model_copy(update={"notation": self._names[record.notation]}))
            case TrialDone(trial):
                failure = self._text(trial.failure) if trial.failure else None
                event = TrialDone(trial.model_copy(update={"stack": self._names[trial.stack], "failure": failure}))
            case Remark(text, always):
                event = Remark(self._text(text), always)
        self._emit(event)

    def _text(self, text: str) -> str:
        for notation in sorted(self._names, key=len, reverse=True):
            text = text.replace(notation, self._names[notation])
        return text


def _tell(gate: Gate, found: Sequence[Result], options: GateOptions, store: str) -> None:
    measured = [(result.run, result.analysis) for result in found]
    kept = all(was_stored(result.run) for result in found)
    if options.json:
        text = gate_json(gate, measured)
    else:
        console = Console(highlight=False)
        stored = store if kept and "://" not in store else ""
        text = rendered(console, gate_terminal(gate, measured, width=console.width, stored=stored))
    try:
        _publish(gate_markdown(gate, measured), options)
    finally:
        give(text, KEPT)


def _publish(markdown: str, options: GateOptions) -> None:
    """Write the summary where it is asked for; GitHub's step summary is appended to, and never decides the outcome."""
    if summary := os.environ.get(SUMMARY):
        try:
            with Path(summary).open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(markdown)
        except OSError as error:
            say(f"the summary cannot be appended to ${SUMMARY}: {error.strerror}")
    if options.markdown is not None:
        write_document(markdown, options.markdown)
