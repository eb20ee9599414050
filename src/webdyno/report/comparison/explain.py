"""Which part makes the difference between two stacks, in a terminal of 80 columns; ASCII throughout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from rich.console import Group
from rich.text import Text

from ...analysis.comparison.analysis import Cost, Explanation
from ...analysis.comparison.ratio_facts import sure_ratio
from ...model.fact import fact
from ...model.layer import LAYERS, Layer
from ...model.verdict import Estimate
from ...texts.catalogue import told
from ...units import printable
from ..lines import WIDEST, WIDTH, wrapped

_MARKS: dict[Layer, str] = {"server": "#", "wrapper": "%", "framework": "=", "handler": "+", "parts": "*"}
_STYLES: dict[Layer, str] = {
    "server": "blue",
    "wrapper": "magenta",
    "framework": "green",
    "handler": "yellow",
    "parts": "cyan",
}


def render_explanation(found: Explanation, *, width: int = WIDTH) -> Group:
    """Build what `rich.console.Console.print` shows.

    Args:
        found: the explanation.
        width: of the terminal; text is wrapped to it, at most to 100.
    """
    return Group(*explanation_lines(found, min(width, WIDEST)))


def explanation_lines(found: Explanation, width: int) -> Iterator[Text]:
    """The explanation line by line: factors, then costs as bars, then how it was found."""
    head = fact("explained", stack=found.stack, against=found.against, ratio=sure_ratio(found.ratio))
    yield from (Text(line, "bold") for line in wrapped(printable(told(head)), width))
    yield from (_factor(part_name(layer), factor) for layer, factor in found.factors.items())
    yield from (_factor(part_name("busy"), found.busy), Text())
    yield from _costs(found, width)
    yield from (Text(), *(Text(line, "dim") for line in wrapped(told(fact("explained.how")), width)))


def part_name(part: Layer | Literal["busy"]) -> str:
    """What makes a part of the difference: a layer, or CPU that was left unused."""
    return told(fact(f"layer.{part}"))


def _factor(what: str, factor: Estimate) -> Text:
    return Text(f"  {what:<38}").append(f"{factor.value:>6.3g}x", "bold").append(f"  {_sureness(factor)}", "dim")


def _sureness(factor: Estimate) -> str:
    ends = interval_text(factor)
    return told(fact("explained.interval", ends=ends) if ends else fact("explained.no-interval"))


def interval_text(factor: Estimate) -> str:
    """Both ends of the interval: `1.99-4.35`; empty where there is none."""
    return f"{factor.interval.low:.3g}-{factor.interval.high:.3g}" if factor.interval else ""


def _costs(found: Explanation, width: int) -> Iterator[Text]:
    yield Text(told(fact("explained.costs")), "bold")
    most = max(sum(max(part.value, 0) for part in cost.layers.values()) for cost in found.costs)
    for cost in found.costs:
        yield Text(f"  {printable(cost.stack)}: {us(cost.total)}")
        yield _bar(cost, (width - 4) / most)
        yield from (Text(line, "dim") for line in wrapped(f"    {_parts(cost)}", width, "    "))


def _bar(cost: Cost, scale: float) -> Text:
    bar = Text("    ")
    for layer, value in drawn(cost).items():
        bar.append(_MARKS[layer] * round(value * scale), _STYLES[layer])
    return bar


def drawn(cost: Cost) -> dict[Layer, float]:
    """The layers as lengths, from the socket upwards: what `async def` saves is taken off the framework."""
    shown = {layer: cost.layers[layer].value for layer in LAYERS if layer in cost.layers}
    if shown.get("handler", 0) < 0:
        shown["framework"] += shown.pop("handler")
    return {layer: max(value, 0.0) for layer, value in shown.items()}


def _parts(cost: Cost) -> str:
    return ", ".join(f"{_MARKS[layer]} {layer} {us(part)}" for layer, part in cost.layers.items())


def us(estimate: Estimate) -> str:
    """Microseconds and half of their interval: `187 +-36`."""
    bound = estimate.interval
    return f"{estimate.value:,.0f}" + (f" +-{(bound.high - bound.low) / 2:,.0f}" if bound else "")
