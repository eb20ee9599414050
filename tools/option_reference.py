"""`docs/python.md`: every question and its options, from their declarations.

Write it anew with `python -m tools.option_reference > docs/python.md`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from webdyno import api
from webdyno.questions.kinds import Flag
from webdyno.questions.option import flag, options_of
from webdyno.questions.options import (
    CompareOptions,
    DoctorOptions,
    ExplainOptions,
    GateOptions,
    InitOptions,
    LoadOptions,
)

_INTRODUCTION = """\
# From Python

Every question that the command line asks is a function, with the same options:

```python
import webdyno

result = webdyno.compare(["flask@gunicorn", "fastapi@granian"], blocks=6)
print(result.analysis.sentences[0])

found = webdyno.gate("main", "HEAD", "shop.main:app@gunicorn", max_time=60)
if found.gate.outcome == "regression":
    print(found.told("markdown"))

print(webdyno.load("http://127.0.0.1:8000/", rate=500, duration=5).analysis.valid)
```

Every result has `told()`, which gives it in a format: `text` (as a terminal shows it), `json`, `markdown`, `html`,
`svg`, or one that another package brings; `result.formats` are those that can tell it.

Times are seconds (`duration=0.5`), shares numbers (`precision=0.03`), bodies bytes, headers and variables mappings. A
file that the command line takes as `@FILE` is read by you. `store=None` keeps nothing beyond the result.

What cannot be done raises a `webdyno.errors.WebdynoError` with `message` and `remedy`; Ctrl-C and SIGTERM raise
`webdyno.errors.Interrupted`, but a comparison returns what was measured until then. `emit` is told of every step
(`webdyno.lab.events`): values with a fixed `name`, whose `model_dump_json()` is read again by `read_event`.

`webdyno.compare(continue_run=True)` adds blocks to the newest stored run until it is decided, `continue_run=ID` to
another one; with `blocks`, `precision` or `max_time`, and what was not kept of it (`env`, `headers`), no other option.

A secret in an option is used and never kept; `hidden={"env.TOKEN": token}` names it, so that `${env.TOKEN}` is kept in
its place, see [security](security.md).

This page is written from `src/webdyno/questions/options.py`.
"""
_QUESTIONS: dict[str, tuple[Callable[..., object], type]] = {
    "compare": (api.compare, CompareOptions),
    "explain": (api.explain, ExplainOptions),
    "gate": (api.gate, GateOptions),
    "load": (api.load, LoadOptions),
    "doctor": (api.doctor, DoctorOptions),
    "init": (api.init, InitOptions),
}


def option_reference() -> str:
    """The page."""
    return "\n".join([_INTRODUCTION, *(_section(name, *each) for name, each in _QUESTIONS.items())])


def _section(name: str, question: Callable[..., object], options: type) -> str:
    told = (question.__doc__ or "").partition("\n")[0]
    lines = [f"## `webdyno.{name}()`\n", f"{told}\n", "| option | command line | default | |", "|---|---|---|---|"]
    for each, option in options_of(options).items():
        metavar = "" if isinstance(option.kind, Flag) else f" {option.kind.metavar}"
        default = "" if option.default is None else f"`{option.default!r}`"
        typed = f"`{flag(each, option)}{metavar}`".replace("|", "\\|")
        lines.append(f"| `{each}` | {typed} | {default} | {option.help} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(option_reference())
