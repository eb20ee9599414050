"""What older webdynos kept is told alike today: in every format, with the same figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.store.write_fixture import FOLDER
from webdyno.questions.analysed import result_of
from webdyno.store.document import read_document

FIGURES = FOLDER / "figures.json"
DOCUMENTS = [path for path in sorted(FOLDER.glob("*.json")) if path != FIGURES]
# These are how the figures are told, which may change.
WORDS = {"what", "why", "advice", "claim", "additions", "statements"}


def analysis_of(document: Path) -> dict[str, Any]:
    """The figures of its analysis, by their place in it."""
    told = json.loads(result_of(read_document(document)).told("json"))
    return dict(figures("", told.get("analysis", {})))


def figures(place: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict | list):
        for key, inside in value.items() if isinstance(value, dict) else enumerate(value):
            if key not in WORDS:
                yield from figures(f"{place}.{key}".lstrip("."), inside)
    elif isinstance(value, bool):
        yield place, value
    elif isinstance(value, int | float):
        yield place, float(f"{value:.9g}")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_its_figures_are_what_they_were(document: Path) -> None:
    # Written anew with `python -m tests.store.test_fixtures_told` where they change for a reason.
    assert analysis_of(document) == json.loads(FIGURES.read_text())[document.name]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_it_is_told_in_every_format_that_can(document: Path) -> None:
    result = result_of(read_document(document))
    assert {"text", "json"} <= set(result.formats)
    assert all(result.told(name) for name in result.formats)


if __name__ == "__main__":
    FIGURES.write_text(json.dumps({one.name: analysis_of(one) for one in DOCUMENTS}, indent=1) + "\n")
