"""The JSON document: everything in it, read back as it was, each field documented."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tools.field_reference import described, field_reference, models

from tests.factories import analysed, make_run
from webdyno.analysis.comparison.analysis import Analysis
from webdyno.model.base import Value
from webdyno.report.json_document import to_json
from webdyno.store.readers import read_run

PAGE = Path(__file__).parents[2] / "docs" / "results.md"


def test_the_document_reads_back_as_the_run_and_its_analysis() -> None:
    run = make_run()
    document = json.loads(to_json(run, analysed(run)))
    assert document["schema"] == 1
    assert read_run(document, "the document") == run
    assert Analysis.model_validate_json(json.dumps(document["analysis"])) == analysed(run)


def test_a_partial_run_reads_back_too() -> None:
    whole = make_run()
    run = whole.model_copy(update={"trials": whole.trials[:9], "state": "interrupted", "finished": None})
    assert read_run(json.loads(to_json(run, analysed(run))), "the document") == run


@pytest.mark.parametrize("model", models())
def test_every_field_is_documented(model: type[Value]) -> None:
    assert not [name for name in model.model_fields if not described(model).get(name)]


def test_the_page_of_fields_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == field_reference(), (
        "run: .venv/bin/python -m tools.field_reference > docs/results.md"
    )


def test_the_page_names_every_type_that_it_links() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"\n## {model.__name__}\n" in text for model in models())
