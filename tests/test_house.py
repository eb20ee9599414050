"""What keeps the house easy to read: functions that can be seen whole, and few parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).parent.parent / "src" / "webdyno"
MOST_LINES, MOST_PARAMETERS = 60, 7
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def functions() -> tuple[tuple[str, Function], ...]:
    """Every function and method, with where it stands."""
    return tuple(_functions())


def _functions() -> Iterator[tuple[str, Function]]:
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, Function):
                yield f"{path.relative_to(SOURCES)}:{node.lineno} {node.name}", node


def declares_options(function: Function) -> bool:
    """Whether it is a command: each of its parameters is an option."""
    return any("app.command" in ast.unparse(decorator) for decorator in function.decorator_list)


def parameters(function: Function) -> int:
    """How many a caller sees."""
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


def test_every_function_can_be_seen_whole() -> None:
    found = [
        where
        for where, function in functions()
        if function.end_lineno and function.end_lineno - function.lineno >= MOST_LINES
    ]
    assert not found


def test_no_function_but_a_command_takes_many_parameters() -> None:
    every = [(where, function) for where, function in functions() if not declares_options(function)]
    assert len(every) > 1000
    assert not [where for where, function in every if parameters(function) > MOST_PARAMETERS]
