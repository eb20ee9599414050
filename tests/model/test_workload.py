"""What a workload needs, also as older versions have written it."""

import json

import pytest

from webdyno.model.workload import Need, Workload
from webdyno.stacks.workloads import find_workload


def older(upstream: object) -> str:
    """A workload as it was written when the upstream was the one thing that it could need."""
    document = json.loads(find_workload("fanout?n=3").model_dump_json())
    del document["needs"]
    return json.dumps(document | {"upstream": upstream})


def test_the_upstream_of_an_older_document_is_what_the_workload_needs() -> None:
    upstream = {"delay": "uniform:1:2", "errors": 0.25, "seed": 7, "calls": 3}
    (need,) = Workload.model_validate_json(older(upstream)).needs
    assert need == Need(name="upstream", settings={"delay": "uniform:1:2", "errors": 0.25, "seed": 7}, calls=3)
    (need,) = Workload.model_validate_json(older({"delay": "constant:1"})).needs
    assert need.calls == 1


def test_an_older_document_without_an_upstream_needs_nothing() -> None:
    assert Workload.model_validate_json(older(None)).needs == ()


@pytest.mark.parametrize("upstream", [3, 0, [], "constant:1", {"delay": {}}, {"calls": -1}, {"calls": "often"}])
def test_an_upstream_that_cannot_be_is_refused(upstream: object) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Workload.model_validate_json(older(upstream))


def test_settings_are_read_as_they_were_written() -> None:
    need = Need(name="database", settings={"text": "1", "whole": 1, "real": 1.0, "yes": True})
    read = Need.model_validate_json(need.model_dump_json())
    assert {name: type(value) for name, value in read.settings.items()} == {
        "text": str,
        "whole": int,
        "real": float,
        "yes": bool,
    }
