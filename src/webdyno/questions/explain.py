"""Which part of two stacks makes the difference?"""

from __future__ import annotations

from dataclasses import replace
from typing import Unpack

from ..errors import UsageError
from ..lab.events import Emit
from ..model.notation import parse_notation
from ..report.result import ComparisonResult
from ..stacks.layers import layered
from .analysed import explained
from .compare import compare, ignore
from .option import check_texts, checked
from .options import ExplainOptions


def explain(one: str, other: str, *, emit: Emit = ignore, **options: Unpack[ExplainOptions]) -> ComparisonResult:
    """Measure two stacks and what they are made of, and say which part makes the difference.

    Args:
        one: notation of a reference stack.
        other: of another.
        emit: told of every step, see `webdyno.lab.events`.
        **options: see `docs/python.md`.

    Returns:
        The run of both and of all below them. `analysis.explanation` is None where too little of it is valid.

    Raises:
        WebdynoError: see `webdyno.errors` for each kind.
        Interrupted: Ctrl-C or SIGTERM before the first trial.
    """
    check_texts("give the notation of a reference stack, as 'flask@gunicorn'", one=one, other=other)
    asked = checked(ExplainOptions, options)
    both = [layered(parse_notation(text)) for text in (one, other)]
    if both[0].stack == both[1].stack:
        raise UsageError(f"{both[0].stack} is named twice", "name two stacks that differ")
    stacks = dict.fromkeys([side.stack for side in both] + [below for side in both for below in side.upto.values()])
    result = compare(tuple(stacks), metrics=("throughput", "cpu_per_request"), response_times=False, emit=emit, **asked)
    return replace(result, analysis=explained(result.analysis, *both))
