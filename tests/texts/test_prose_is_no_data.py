"""What judges and reports does not look into sentences: it neither cuts nor compares what people read."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from .test_catalogue import SOURCE

JUDGING = ("analysis", "report", "texts")
# What other programs print is looked into in `stacks`, for they say nothing else.
ALL = (*JUDGING, "cli", "dependencies", "lab", "loadgen", "model", "probes", "questions", "serving", "store")
CUTTING = {"startswith", "endswith", "partition", "rpartition", "split", "removeprefix", "removesuffix", "replace"}
# Attributes that hold sentences.
TOLD = {"sentence", "sentences", "seen", "matters", "remedy", "text", "why_not"}
# What is cut there is no sentence.
CUT = {
    "analysis/gate/limit.py": "what the user wrote",
    "analysis/load/threshold.py": "what the user wrote",
    "analysis/validity/rule.py": "the name of a rule",
    "report/comparison/markdown.py": "characters that Markdown takes for its own, backticks in which a command stands",
    "report/html/facts.py": "a masked argument of a command line",
    "report/html/page.py": "a notation",
    "report/lines.py": "the ends of lines",
    "report/load/plot.py": "a style sheet",
    "report/load/terminal.py": "the name of a percentile",
    "texts/sentence_template.py": "templates",
}
# Values of a Literal that have a space.
NAMES = {"not measured", "not confirmed", "response time", "service time"}


def nodes(rooms: Sequence[str]) -> Iterator[tuple[str, ast.AST]]:
    for room in rooms:
        for path in sorted((SOURCE / room).rglob("*.py")):
            yield from ((str(path.relative_to(SOURCE)), node) for node in ast.walk(_tree(path)))


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def cuts(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="re"))):
            return True
        case ast.Call(func=ast.Attribute(attr=attr)):
            return attr in CUTTING
    return False


def compares_prose(node: ast.AST) -> bool:
    if not isinstance(node, ast.Compare):
        return False
    sides = (node.left, *node.comparators)
    words = {side.value for side in sides if isinstance(side, ast.Constant) and isinstance(side.value, str)}
    sentences = {word for word in words if " " in word.strip()} - NAMES
    return bool(sentences) or any(isinstance(side, ast.Attribute) and side.attr in TOLD for side in sides)


def test_nothing_that_judges_or_reports_cuts_a_sentence() -> None:
    assert {path for path, node in nodes(JUDGING) if cuts(node)} == CUT.keys()


def test_nothing_compares_sentences() -> None:
    assert [(path, ast.unparse(node)) for path, node in nodes(ALL) if compares_prose(node)] == []
