"""Every service answers what schemathesis makes of the OpenAPI document as that says, and as all others do."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from .client import Client
from .generated import EXAMPLES, OPERATIONS, Said, answers, ask, requests, written
from .matrix import Held
from .upstreams import Upstream

ITS_OWN = {"GET /test-api", "GET /status", "GET /stats", "POST /jobs"}
"""What these answer depends on the process, the moment or chance."""


class Told(NamedTuple):
    """What the first service that was asked said."""

    notation: str
    answers: list[Said]


@pytest.fixture(scope="session")
def told() -> dict[str, Told]:
    return {}


@pytest.mark.parametrize("label", OPERATIONS)
def test_generated_requests_are_answered_as_written_and_by_all_alike(
    client: Client, stack: Held, upstream: Upstream, told: dict[str, Told], label: str
) -> None:
    if not set(OPERATIONS[label].tags or ()) & set(stack.parts):
        assert ask(client, requests(label)[0]).status_code == 404
        return
    upstream.behave()
    found = answers(client, label)
    first = told.setdefault(label, Told(stack.notation, found))
    if label in ITS_OWN:
        assert [one[:2] for one in found] == [one[:2] for one in first.answers]
        return
    for request, one, other in zip(requests(label), found, first.answers, strict=True):
        assert one == other, f"{first.notation} says something else to {request.as_curl_command()}"


def test_the_requests_are_the_same_each_time() -> None:
    label = "POST /articulos/"
    made = [written(case) for case in requests(label)]
    requests.cache_clear()
    assert [written(case) for case in requests(label)] == made and len(made) > EXAMPLES
