"""The catalogue in the documentation."""

from __future__ import annotations

from pathlib import Path

from tools.catalogue_reference import with_catalogue

DOCUMENT = Path(__file__).parents[2] / "docs" / "stacks.md"


def test_the_documented_catalogue_is_up_to_date() -> None:
    text = DOCUMENT.read_text()
    remedy = "write it anew: .venv/bin/python -m tools.catalogue_reference docs/stacks.md"
    assert text == with_catalogue(text) and "`blocking_threads`" in text, remedy
