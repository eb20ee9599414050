"""Which part makes the difference between two stacks, in a terminal of 80 columns; ASCII throughout."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group
from rich.text import Text

from ...analysis.comparison.analysis import Cost, Explanation
from ...analysis.comparison.statements import ratio_text
from ...model.layer import LAYERS, Layer
from ...model.verdict import Estimate
from ...units import printable
from ..lines import WIDEST, WIDTH, wrapped

LAYER_NAMES: dict[Layer, str] = {
    "server": "server, its interface and settings",
    "wrapper": "wrapper of WSGI as ASGI",
    "framework": "framework, with a def handler",
    "handler": "async def in place of def",
    "parts": "parts added by with=",
}
BUSY_NAME = "CPU left unused at saturation"
_MARKS: dict[Layer, str] = {"server": "#", "wrapper": "%", "framework": "=", "handler": "+", "parts": "*"}
_STYLES: dict[Layer, str] = {
    "server": "blue",
    "wrapper": "magenta",
    "framework": "green",
    "handler": "yellow",
    "parts": "cyan",
}
HOW_EXPLAINED = (
    "Factors multiply up to the whole. Each is the mean over all orders in which the parts can be changed, within each "
    "block; what a request costs is taken as the sum of what a bare app costs on the server and what each part adds."
)


def render_explanation(found: Explanation, *, width: int = WIDTH) -> Group:
    """Build what `rich.console.Console.print` shows.

    Args:
        found: the explanation.
        width: of the terminal; text is wrapped to it, at most to 100.
    """
    return Group(*explanation_lines(found, min(width, WIDEST)))


def explanation_lines(found: Explanation, width: int) -> Iterator[Text]:
    """The explanation line by line: factors, then costs as bars, then how it was found."""
    head = f"{found.stack} carries {ratio_text(found.ratio)} the load of {found.against}. Of this:"
    yield from (Text(line, "bold") for line in wrapped(printable(head), width))
    yield from (_factor(LAYER_NAMES[layer], factor) for layer, factor in found.factors.items())
    yield from (_factor(BUSY_NAME, found.busy), Text())
    yield from _costs(found, width)
    yield from (Text(), *(Text(line, "dim") for line in wrapped(HOW_EXPLAINED, width)))


def _factor(what: str, factor: Estimate) -> Text:
    return Text(f"  {what:<38}").append(f"{factor.value:>6.3g}x", "bold").append(f"  {_sureness(factor)}", "dim")


def _sureness(factor: Estimate) -> str:
    ends = interval_text(factor)
    return f"95 % CI {ends}" if ends else "one block: no interval"


def interval_text(factor: Estimate) -> str:
    """Both ends of the interval: `1.99-4.35`; empty where there is none."""
    return f"{factor.interval.low:.3g}-{factor.interval.high:.3g}" if factor.interval else ""


def _costs(found: Explanation, width: int) -> Iterator[Text]:
    yield Text("what a request costs, us of server CPU", "bold")
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
