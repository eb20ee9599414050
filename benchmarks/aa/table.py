"""The table of figures to reach, worked out of outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import NamedTuple

from webdyno.model.metric import METRICS, Metric

from .lines import CPU_5, CPU_10, DEFAULT, DESIGNS, FALSE, THROUGHPUT_5, Line
from .outcome import Outcome, Ratio, geometric_mean

MOST_FALSE, LEAST_CALLED, LEAST_DECIDED = 2 / 40, 9 / 10, 1.0
MOST_WIDTH, MOST_OUTSIDE, MOST_TIMES = 0.04, 0.30, 2.0
DIFFERENT = ("faster", "slower")


class Cell(NamedTuple):
    """One figure of one design: how it is told, and whether that is what is to be reached."""

    text: str
    reached: bool


class Row(NamedTuple):
    """One figure: what it is, what is to be reached, and how it comes of the outcomes with and without a burner."""

    figure: str
    goal: str
    cell: Callable[[Sequence[Outcome], Sequence[Outcome]], Cell | None]


def rows() -> list[Row]:
    """All figures in their order."""

    def of(line: Line, burner: bool) -> str:
        return f"{line.many} times the same stack twice, {line.seconds:g} s each{_BURNER[burner]}: false verdicts"

    def called(line: Line, what: str, burner: bool) -> Row:
        figure = f"{what}, <= {line.seconds:g} s{_BURNER[burner]}: called slower"
        return Row(figure, ">= 9 of 10", lambda quiet, burnt: _called(line, _only(line, burnt if burner else quiet)))

    cpu = "more CPU per request"
    return [
        Row(of(FALSE, False), "<= 2 of 40", lambda quiet, _: _false(_only(FALSE, quiet))),
        Row(of(FALSE, True), "<= 2 of 40", lambda _, burnt: _false(_only(FALSE, burnt))),
        Row("half-width with the burner, in multiples of the quiet one", "<= 2", _times),
        called(CPU_10, f"10 % {cpu}", False),
        called(CPU_10, f"10 % {cpu}", True),
        called(CPU_5, f"5 % {cpu}", False),
        called(THROUGHPUT_5, "5 % lower throughput", False),
        Row(f"{_DEFAULT}, quiet: half-width of throughput ratios", "<= 4 %", lambda quiet, _: _width(quiet)),
        Row(f"{_DEFAULT} with the burner: {_ASKED}", "10 of 10 decided", lambda _, burnt: _decided(burnt)),
        Row(f"{_DEFAULT}, quiet: time outside windows and warm-up", "<= 30 %", lambda quiet, _: _outside(quiet)),
    ]


_BURNER = {False: ", quiet", True: ", with the burner"}
_DEFAULT = "default run of six stacks, 150 s"
_ASKED = f"{DEFAULT.stacks[-1]} against {DEFAULT.stacks[0]}"


def table(outcomes: Sequence[Outcome]) -> str:
    """The table as Markdown, and under it when, where and beside which load its figures were measured."""
    designs = [name for name in DESIGNS if any(outcome.design == name for outcome in outcomes)]
    lines = [_row("figure", "to reach", *designs), _row(*["---"] * (2 + len(designs)))]
    for row in rows():
        cells = [row.cell(*_conditions(outcomes, design)) for design in designs]
        if any(cells):
            lines.append(_row(row.figure, row.goal, *map(_told, cells)))
    return "\n".join([*lines, "", *conditions(outcomes)])


def conditions(outcomes: Sequence[Outcome]) -> list[str]:
    """On which machines, when and beside which load outcomes were measured."""
    lines = []
    for machine in dict.fromkeys(outcome.machine for outcome in outcomes):
        here = sorted((one for one in outcomes if one.machine == machine), key=lambda outcome: outcome.began)
        revisions = dict.fromkeys(one.revision for one in here if one.revision)
        lines.append(f"- {machine}; {here[0].began:%d %B %Y %H:%M} to {here[-1].began:%d %B %Y %H:%M} UTC")
        lines.append(f"- webdyno {', '.join(revisions) or 'of no checkout'}")
        loads = [one.load_average for one in here]
        lines.append(f"- load average when a comparison began: {median(loads):.1f} ({min(loads):.1f}-{max(loads):.1f})")
        if burnt := [one.burnt_s / one.seconds for one in here if one.burner and one.seconds]:
            lines.append(f"- the burner had {median(burnt):.0%} of the server's core")
    return lines


def told(outcome: Outcome) -> str:
    """One outcome in a line."""
    shown = list(_shown(outcome))
    used = min((one.blocks for one in shown), default=0)
    found = ", ".join(f"{_what(outcome, one)} {one.value:.3f}{_plus_minus([one])} {_verdict(one)}" for one in shown)
    where = f"{outcome.line} {outcome.design}{' burner' if outcome.burner else ''} seed {outcome.seed}"
    invalid = f"; invalid: {', '.join(outcome.invalid)}" if outcome.invalid else ""
    outside = 1 - outcome.inside_s / outcome.seconds if outcome.seconds else 0.0
    return (
        f"{where}: {found or 'nothing to compare'}; {used} of {outcome.blocks} blocks, {outcome.seconds:.0f} s, "
        f"{outside:.0%} outside, load {outcome.load_average:.1f}{invalid}"
    )


def is_false(outcome: Outcome) -> bool:
    """Whether a stack was told from itself by more than the margin.

    Of identical stacks a direction is found in one of twenty families of comparisons by its definition; the table tells
    that apart.
    """
    return any(one.outcome in DIFFERENT for one in outcome.ratios)


def _what(outcome: Outcome, one: Ratio) -> str:
    return f"{one.stack} to {one.against}" if outcome.line == DEFAULT.name else one.metric


def _verdict(one: Ratio) -> str:
    return f"{one.outcome}, {one.direction}" if one.direction and one.outcome not in DIFFERENT else one.outcome


def _shown(outcome: Outcome) -> Iterable[Ratio]:
    if outcome.line == DEFAULT.name:
        return [one for one in outcome.ratios if one.metric == "throughput"]
    return outcome.ratios


def _conditions(outcomes: Sequence[Outcome], design: str) -> tuple[list[Outcome], list[Outcome]]:
    quiet, burnt = (
        [outcome for outcome in outcomes if outcome.design == design and outcome.burner == burner]
        for burner in (False, True)
    )
    return quiet, burnt


def _only(line: Line, outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.line == line.name]


def _false(outcomes: Sequence[Outcome]) -> Cell | None:
    # One that could not be compared with itself was not called different, and says nothing of how often it would be.
    valid = [outcome for outcome in outcomes if outcome.ratios]
    if not valid:
        return Cell(f"none of {len(outcomes)} was valid", False) if outcomes else None
    false = sum(map(is_false, valid))
    directed = sum(any(one.direction for one in outcome.ratios) for outcome in valid)
    text = f"{_of(false, directed, len(valid))}; throughput{_width_of(FALSE, 'throughput', valid)}, "
    text += f"CPU{_width_of(FALSE, 'cpu_per_request', valid)}; {_each(valid)}{_left_out(len(outcomes) - len(valid))}"
    return Cell(text, false <= MOST_FALSE * len(valid))


def _times(quiet: Sequence[Outcome], burnt: Sequence[Outcome]) -> Cell | None:
    metrics: tuple[tuple[Metric, str], ...] = (("throughput", "throughput"), ("cpu_per_request", "CPU"))
    times = {}
    for metric, name in metrics:
        with_it, without = (_half_widths(FALSE, metric, _only(FALSE, one)) for one in (burnt, quiet))
        if with_it and without:
            times[name] = median(with_it) / median(without)
    if not times:
        return None
    return Cell(", ".join(f"{name} {one:.1f}" for name, one in times.items()), max(times.values()) <= MOST_TIMES)


def _called(line: Line, outcomes: Sequence[Outcome]) -> Cell | None:
    if not outcomes:
        return None
    found = [one for outcome in outcomes if (one := _judged(line, outcome, line.metric))]
    called = sum(one.outcome == "slower" for one in found)
    ratio = f"ratio {geometric_mean([one.value for one in found]):.3f}{_plus_minus(found)}; " if found else ""
    directed = sum(one.direction == _worse(line.metric) for one in found)
    text = f"{_of(called, directed, len(outcomes))}; {ratio}{_each(outcomes)}{_left_out(len(outcomes) - len(found))}"
    return Cell(text, called >= LEAST_CALLED * len(outcomes))


def _width(quiet: Sequence[Outcome]) -> Cell | None:
    outcomes = _only(DEFAULT, quiet)
    ratios = [one for outcome in outcomes for one in outcome.ratios if one.metric == "throughput"]
    widths = sorted(width for one in ratios if (width := one.half_width) is not None)
    if not widths:
        return None
    text = f"{widths[0]:.1%} to {widths[-1]:.1%}, half of them {median(widths):.1%}; {_times_each(outcomes)}"
    return Cell(text, widths[-1] <= MOST_WIDTH)


def _decided(burnt: Sequence[Outcome]) -> Cell | None:
    outcomes = _only(DEFAULT, burnt)
    if not outcomes:
        return None
    found = [one for outcome in outcomes if (one := _judged(DEFAULT, outcome, "throughput"))]
    decided = sum(one.outcome in DIFFERENT for one in found)
    ratio = f"ratio {geometric_mean([one.value for one in found]):.2f}{_plus_minus(found)}; " if found else ""
    directed = sum(one.direction is not None for one in found)
    text = f"{_of(decided, directed, len(outcomes))}; {ratio}{_each(outcomes)}{_left_out(len(outcomes) - len(found))}"
    return Cell(text, decided >= LEAST_DECIDED * len(outcomes))


def _outside(quiet: Sequence[Outcome]) -> Cell | None:
    outcomes = _only(DEFAULT, quiet)
    shares = [1 - outcome.inside_s / outcome.seconds for outcome in outcomes if outcome.seconds]
    if not shares:
        return None
    return Cell(f"{median(shares):.0%}; {_times_each(outcomes)}", max(shares) <= MOST_OUTSIDE)


def _judged(line: Line, outcome: Outcome, metric: Metric) -> Ratio | None:
    return outcome.ratio(metric, line.stacks[-1], line.stacks[0])


def _half_widths(line: Line, metric: Metric, outcomes: Sequence[Outcome]) -> list[float]:
    found = (_judged(line, outcome, metric) for outcome in outcomes)
    return [width for one in found if one and (width := one.half_width) is not None]


def _width_of(line: Line, metric: Metric, outcomes: Sequence[Outcome]) -> str:
    return _plus_minus([one for outcome in outcomes if (one := _judged(line, outcome, metric))]) or " -"


def _plus_minus(ratios: Sequence[Ratio]) -> str:
    """The median half-width; nothing where none is known."""
    widths = [width for one in ratios if (width := one.half_width) is not None]
    return f" +-{median(widths):.1%}" if widths else ""


def _each(outcomes: Sequence[Outcome]) -> str:
    blocks, seconds = median(one.blocks for one in outcomes), median(one.seconds for one in outcomes)
    return f"{blocks:.0f} blocks, {seconds:.0f} s"


def _worse(metric: Metric) -> str:
    return "lower" if METRICS[metric].more_is_better else "higher"


def _of(count: int, directed: int, every: int) -> str:
    """How many were told apart by more than the margin, and in how many it was said which one has more."""
    return f"{count} of {every} (direction: {directed})"


def _left_out(invalid: int) -> str:
    return f"; not valid: {invalid}" if invalid else ""


def _times_each(outcomes: Sequence[Outcome]) -> str:
    return f"{len(outcomes)} {'run' if len(outcomes) == 1 else 'runs'}, {_each(outcomes)}"


def _told(cell: Cell | None) -> str:
    return "-" if cell is None else f"{'reached' if cell.reached else '**missed**'}: {cell.text}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
