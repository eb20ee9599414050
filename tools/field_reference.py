"""`docs/results.md`: every field of the JSON document, from the docstrings of the types that it is made of.

Write it anew with `python -m tools.field_reference > docs/results.md`.
"""

from __future__ import annotations

import inspect
import re
import sys
import types
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import JsonValue
from pydantic.fields import FieldInfo

from webdyno.analysis.comparison.analysis import Analysis
from webdyno.model.base import Value
from webdyno.model.run import Run

_INTRODUCTION = """\
# The JSON document of a run

What `webdyno compare --json` prints, `webdyno report RUN --json` tells again and `webdyno report FILE` reads.
It is one object: the fields of `Run` (with `schema`, the number of this format) and the key `analysis`, an object of
type `Analysis`, which is computed from the others anew whenever a run is read.

Times carry their unit in the name (`_s`, `_ms`, `_us`); moments are ISO 8601 in UTC. Something that could not be
measured is `null` (None in the texts below), never 0 or -1. Maps with numbers as keys have them as text, as JSON wants.
Histograms are HdrHistogram's compressed V2 form in base64 (unit 1 ns, three significant digits, up to one hour): they
can be merged by adding counts, and its other implementations read them. Bytes are base64.

Which trials enter an average, and from how many samples a percentile is given, is said under
[How the numbers come about](#how-the-numbers-come-about).

This page is written from the types in `src/webdyno/model/` and `src/webdyno/analysis/`.
"""

_NUMBERS = """\
## How the numbers come about

- **Phases.** `pilot` (block 0) only sets the fixed rate and is never averaged in; `saturation` is the closed load;
  `rate` the open load at the rate that all stacks share.
- **Throughput** is the geometric mean over valid blocks of the successful responses per second in the window,
  with a t-interval of the logarithms. CPU per request is the CPU time of the server's whole process tree divided by
  these responses.
- **Ratios** are means of log-ratios within the same block, over the blocks in which both stacks are valid, with a 95 %
  t-interval. Requests are never treated as independent observations.
- **Verdicts.** The margin is the difference that counts as none: 2 %, or the `floor` of the machine where that is
  higher. Two things are said of each comparison: its `direction` (`higher` or `lower`: the 95 % interval leaves out
  1), and its size, the `outcome`. `faster` or `slower`: the 95 % interval lies wholly outside the margin; `tie`: the
  90 % interval lies inside it (two one-sided tests at 5 %); else `undecided`, with the number of blocks that would
  decide if mean and scatter stay as they are. So `undecided` with a `direction` means: one has more, and whether by
  more than the margin is open. Below two blocks there is no interval. Comparisons are corrected for their number
  (Holm) in two families: `primary`, which is throughput or the metrics of `--metric`, and `secondary`, the others. So
  a verdict needs more than the interval that is shown, which holds its 95 % by itself. The formulas and their sources
  stand in [statistics.md](statistics.md).
- **Percentiles** come from merged histograms. Requests that timed out, were dropped or never ended rank above every
  answered one; a percentile that falls among them is null. One is given from ten expected samples beyond it: p50 from
  20, p90 from 100, p95 from 200, p99 from 1,000, p99.9 from 10,000. In a block, where it only enters a mean whose
  interval carries its noise, it needs an upper bound at 95 % (1 - q^n >= 0.95): p50 from 5, p99 from 299.
- **Validity.** A trial is excluded for what the machine or the load generator did (`generator-limited`, `lag`,
  `steal`, `throttled`, `littles-law`), never for being slow. A stack is not ranked when more than 1 % of its responses
  were errors, or when more than a quarter of its trials failed by the server's doing: without a result, without one
  successful response (`no-answers`), or with more than one connection in twenty stuck (`stuck-connections`). Fewer
  such trials are a caution: the figures stand on the other blocks. Requests without a response when the trial ended
  are `unanswered` and count in the error figure, but are not taken for wrong responses. Every reason, with its limit
  and the ground for it, stands in [validity.md](validity.md).
- **Contrasts** are ratios of measured stacks that differ in one part only; nothing is claimed of parts not measured.
"""


def field_reference() -> str:
    """The whole page."""
    sections = (_section(model) for model in models())
    return "\n".join((_INTRODUCTION, *sections, _NUMBERS))


def models() -> list[type[Value]]:
    """Every type in the document, `Run` and `Analysis` first, each before what it is made of."""
    found: list[type[Value]] = [Run, Analysis]
    for model in found:
        for field in model.model_fields.values():
            found.extend(part for part in _parts(field.annotation) if part not in found)
    return found


def described(model: type[Value]) -> dict[str, str]:
    """What the docstrings of a type and of its bases say about each field that they name.

    A field told within another's text shares it.
    """
    texts: dict[str, str] = {}
    for base in (base for base in model.__mro__ if issubclass(base, Value)):
        _, _, attributes = inspect.cleandoc(base.__doc__ or "").partition("Attributes:\n")
        for entry in re.split(r"\n(?= {4}\S)", attributes.rstrip()):
            names, _, text = " ".join(entry.split()).partition(": ")
            inside = re.findall(r"`(\w+)`(?=[:,])", text)
            for name in [*names.split(", "), *inside]:
                if name in model.model_fields | model.model_computed_fields:
                    texts.setdefault(name, text)
    return texts


def _section(model: type[Value]) -> str:
    about = inspect.cleandoc(model.__doc__ or "").partition("\n\nAttributes:")[0]
    texts = described(model)
    rows = [
        f"| `{field.alias or name}` | {_type(field)} | {texts.get(name, '').replace('|', chr(92) + '|')} |"
        for name, field in model.model_fields.items()
    ]
    rows += [
        f"| `{name}` | {_named(field.return_type)}, made of the others | {texts.get(name, '')} |"
        for name, field in model.model_computed_fields.items()
    ]
    return "\n".join((f"## {model.__name__}\n\n{about}\n", "| field | type | meaning |", "|-|-|-|", *rows, ""))


def _parts(annotation: Any) -> Iterator[type[Value]]:
    if isinstance(annotation, type) and issubclass(annotation, Value):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)


def _type(field: FieldInfo) -> str:
    text = _named(field.annotation)
    return text if field.is_required() else f"{text}, optional"


def _named(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _named(inner[0])
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in inner)
    if origin in (Union, types.UnionType):
        return " or ".join(map(_named, inner))
    if origin is tuple:
        return f"list of {_named(inner[0])}" if inner[-1] is ... else f"list ({', '.join(map(_named, inner))})"
    if origin is dict:
        return f"map of {_named(inner[0])} to {_named(inner[1])}"
    if isinstance(annotation, type) and issubclass(annotation, Value):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return _PLAIN[annotation]


_PLAIN: dict[Any, str] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "true or false",
    bytes: "base64",
    datetime: "moment",
    type(None): "null",
    JsonValue: "any JSON",
}


if __name__ == "__main__":
    sys.stdout.write(field_reference())
