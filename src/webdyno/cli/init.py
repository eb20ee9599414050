"""`webdyno init`: the app that is here, written down to be measured."""

from __future__ import annotations

from ..model.run import interface_name
from ..questions.init import InitResult, init
from ..questions.options import InitOptions
from ..texts.catalogue import told
from ..units import printable
from .output import give, say


def run_init(options: InitOptions) -> None:
    """Carry out `webdyno init`.

    Raises:
        UsageError: a file is there already, or there is no app that a server can run.
        NotGiven: the file cannot be written, or what was found not printed.
    """
    result = init(tell=say, **options)
    give("".join(f"{printable(line)}\n" for line in _lines(result)), f"{result.path.name} was written all the same")


def _lines(result: InitResult) -> list[str]:
    found = f" ({result.what})" if result.what else ""
    lines = [
        f"{result.app} is the app: {interface_name(result.interface)}{found}",
        f"  interpreter  {result.python.path} ({told(result.python.why)})",
        f"  stacks       {', '.join(result.stacks)}",
        *(f"  no app       {why}" for _, why in result.refused),
        *([f"  not tried    {', '.join(result.others)}"] if result.others else []),
        *(f"  not read     {file}: {why}" for file, why in result.unread),
        f"{result.path.name} was written. It asks for /: set path there where the app answers elsewhere.",
        "next: webdyno compare",
    ]
    return lines
