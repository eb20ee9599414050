"""Templates: `{late_s:duration} of {count:plural(1 request|# requests)}` with figures put in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from ..units import (
    format_bytes,
    format_change,
    format_duration,
    format_level,
    format_limit,
    format_number,
    format_percent,
    format_rate,
    format_roughly,
)

PLACE = re.compile(r"\{(?P<name>\w+)(?::(?P<form>\w+)(?:\((?P<choice>[^)]*)\))?)?\}")

_NUMBERS: dict[str, Callable[[float], str]] = {
    "bytes": format_bytes,
    "change": format_change,
    "count": lambda number: f"{number:,.0f}",
    "duration": format_duration,
    "exact": lambda number: f"{number:g}",
    "hundredths": lambda number: f"{number:.2f}",
    "level": format_level,
    "limit": format_limit,
    "ms": lambda ms: format_duration(ms / 1e3),
    "number": format_number,
    "percent": format_percent,
    "points": lambda change: format_change(change, unit=""),
    "plain": lambda number: f"{number:.0f}",
    "rate": format_rate,
    "roughly": format_roughly,
    "rough": lambda number: f"{number:.2g}",
    "short": lambda number: f"{number:.3g}",
    "tenths": lambda number: f"{number:.1f}",
}
_LISTS: dict[str, Callable[[tuple[str, ...]], str]] = {
    "all": lambda parts: f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts),
    "and": lambda parts: " and ".join(parts),
    "list": lambda parts: ", ".join(parts),
    "parts": lambda parts: "; ".join(parts),
    "row": lambda parts: "".join(parts),
}
FORMS = frozenset({*_NUMBERS, *_LISTS, "fixed", "plural", "text"})

# Figures may come from a stored document, and a sentence must not fill the memory.
_MOST_PLACES = 20

Figure = int | float | str | tuple[str, ...]


def filled(template: str, figures: Mapping[str, Figure], words: Callable[[str], str] = str) -> str:
    """The sentence.

    Args:
        template: with places for the figures.
        figures: by name; texts stand in the sentence as they are.
        words: writes what stands between them, and numbers, as the format wants them.

    Raises:
        KeyError: a figure is not given.
        TypeError, ValueError, OverflowError: one is not what its place takes.
    """
    written, at = [], 0
    for place in PLACE.finditer(template):
        text = _written(place, figures)
        number = isinstance(figures[place["name"]], int | float)
        written += [words(template[at : place.start()]), words(text) if number else text]
        at = place.end()
    return "".join((*written, words(template[at:])))


def figures_in(template: str, figures: Mapping[str, Figure]) -> Iterator[str]:
    """The numbers of the sentence as they stand in it, in its order."""
    for place in PLACE.finditer(template):
        if isinstance(figures[place["name"]], int | float):
            yield _written(place, figures)


def _written(place: re.Match[str], figures: Mapping[str, Figure]) -> str:
    form, figure = place["form"] or "text", figures[place["name"]]
    if isinstance(figure, str):
        return figure
    if isinstance(figure, tuple):
        return _LISTS[form](figure)
    if form == "plural":
        one, several = (place["choice"] or "").split("|")
        return (one if figure == 1 else several).replace("#", f"{figure:,}")
    if form == "fixed":
        return f"{figure:,.{_places(figures[place['choice']])}f}"
    return str(figure) if form == "text" else _NUMBERS[form](figure)


def _places(figure: Figure) -> int:
    if not isinstance(figure, int) or not 0 <= figure <= _MOST_PLACES:
        raise ValueError(f"a number with {figure} decimals cannot be written")
    return figure
