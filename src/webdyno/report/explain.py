"""Which part makes the difference between two stacks, in a terminal of 80 columns; ASCII throughout."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group
from rich.text import Text

from ..analysis.explanation import Cost, Explanation
from ..analysis.sentences import ratio_text
from ..model.layer import LAYERS, Layer
from ..model.verdict import Estimate
from ..units import printable
from .terminal import WIDEST, WIDTH, wrapped

_WHAT: dict[Layer, str] = {
    "server": "server, its interface and settings",
    "wrapper": "wrapper of WSGI as ASGI",
    "framework": "framework, with a def handler",
    "handler": "async def in place of def",
}
_BUSY = "CPU left unused at saturation"
_MARKS: dict[Layer, str] = {"server": "#", "wrapper": "%", "framework": "=", "handler": "+"}
_STYLES: dict[Layer, str] = {"server": "blue", "wrapper": "magenta", "framework": "green", "handler": "yellow"}
_HOW = (
    "Factors multiply up to the whole. Each is the mean over all orders in which the parts can be changed, within each "
    "block; what a request costs is taken as the sum of what a bare app costs on the server and what each part adds."
)


def render_explanation(found: Explanation, *, width: int = WIDTH) -> Group:
    """Build what `rich.console.Console.print` shows.

    Args:
        found: the explanation.
        width: of the terminal; text is wrapped to it, at most to 100.
    """
    width = min(width, WIDEST)
    head = f"{found.stack} carries {ratio_text(found.ratio)} the load of {found.against}. Of this:"
    lines = [Text(line, "bold") for line in wrapped(printable(head), width)]
    lines += [_factor(_WHAT[layer], factor) for layer, factor in found.factors.items()]
    lines += [_factor(_BUSY, found.busy), Text()]
    lines += [*_costs(found, width), Text(), *(Text(line, "dim") for line in wrapped(_HOW, width))]
    return Group(*lines)


def _factor(what: str, factor: Estimate) -> Text:
    return Text(f"  {what:<38}").append(f"{factor.value:>6.3g}x", "bold").append(f"  {_range(factor)}", "dim")


def _range(estimate: Estimate) -> str:
    bound = estimate.interval
    return f"95 % CI {bound.low:.3g}-{bound.high:.3g}" if bound else "one block: no interval"


def _costs(found: Explanation, width: int) -> Iterator[Text]:
    yield Text("what a request costs, us of server CPU", "bold")
    most = max(sum(max(part.value, 0) for part in cost.layers.values()) for cost in found.costs)
    for cost in found.costs:
        yield Text(f"  {printable(cost.stack)}: {_us(cost.total)}")
        yield _bar(cost, (width - 4) / most)
        yield from (Text(line, "dim") for line in wrapped(f"    {_parts(cost)}", width, "    "))


def _bar(cost: Cost, scale: float) -> Text:
    """What is saved by a layer is taken off the layer below it."""
    shown = {layer: part.value for layer, part in cost.layers.items()}
    if shown.get("handler", 0) < 0:
        shown["framework"] += shown.pop("handler")
    bar = Text("    ")
    for layer in LAYERS:
        bar.append(_MARKS[layer] * round(max(shown.get(layer, 0), 0) * scale), _STYLES[layer])
    return bar


def _parts(cost: Cost) -> str:
    return ", ".join(f"{_MARKS[layer]} {layer} {_us(part)}" for layer, part in cost.layers.items())


def _us(estimate: Estimate) -> str:
    bound = estimate.interval
    return f"{estimate.value:,.0f}" + (f" +-{(bound.high - bound.low) / 2:,.0f}" if bound else "")
