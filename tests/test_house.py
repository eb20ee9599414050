"""What holds for all of the source: functions that can be seen whole, few parameters, texts that are told whole."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from webdyno.model.secret_rules import mask_text

SOURCES = Path(__file__).parent.parent / "src" / "webdyno"
MOST_LINES, MOST_PARAMETERS = 60, 7
# Examples of the help, which is not masked.
HELP = SOURCES / "cli" / "examples.py"
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


def said(tree: ast.Module) -> Iterator[str]:
    """Every literal text but docstrings."""
    nodes = list(ast.walk(tree))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def test_what_is_said_survives_the_masking_of_secrets() -> None:
    sources = (path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py") if path != HELP)
    texts = {text for source in sources for text in said(ast.parse(source))}
    assert len(texts) > 3000
    assert not [text for text in texts if mask_text(text) != text]
