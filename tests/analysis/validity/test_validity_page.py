"""The page on validity explains every reason that the analysis can give, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "validity.md").read_text(encoding="utf-8")
MAKERS = ("Finding", "ValidityReason", "_caution", "_invalid")
# Where a reason is made from a finding, or by one of these makers for its callers.
PASSED_ON = {"name", "finding.name", "self.name"}


def names_in(source: str) -> Iterator[str]:
    """The first argument, or `name`, of every call that makes a reason."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
            named = [keyword.value for keyword in node.keywords if keyword.arg == "name"]
            yield ast.unparse((named or node.args)[0])


def names() -> set[str]:
    found = set()
    for path in (ROOT / "src" / "webdyno" / "analysis").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        for expression in names_in(source):
            if expression in PASSED_ON:
                # A name that comes from a table is written out there.
                found |= set(re.findall(r'"(p\d\d-[a-z]+)"', source))
            else:
                found.add(ast.literal_eval(expression))
    return found


def test_the_reasons_are_found_in_the_code() -> None:
    assert {"generator-limited", "ports-exhausted", "few-blocks", "baseline-invalid", "p99-unanswered"} <= names()


def test_the_page_has_a_section_for_every_reason_and_no_other() -> None:
    assert sorted(re.findall(r"^### (.+)$", PAGE, re.MULTILINE)) == sorted(names())


@pytest.mark.parametrize("section", re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:], ids=lambda text: text.split()[0])
def test_each_section_says_how_grave_it_is(section: str) -> None:
    assert re.search(r"\*\*(Invalid|Caution|invalid|caution)", section)
