"""The suite's checks catch a service that does something else than the contract says."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message
from email.utils import formatdate
from pathlib import Path
from time import time

import pytest
from schemathesis.core.failures import FailureGroup

from .checks import CHECKS, is_json
from .client import Answer, Client
from .conftest import started
from .generated import answers
from .upstreams import Upstream

WRONG = {
    "field_not_dropped": "articulos",
    "wrong_status": "articulos",
    "not_validated": "articulos",
    "number_turned_into_text": "articulos",
    "nested_field_not_dropped": "articulos",
    "stored_field_not_dropped": "articulos",
    "parameter_ignored": "items",
    "cached_answer": "fanout",
    "cached_calls": "fanout",
    "skipped_call": "fanout",
    "one_call_for_all": "fanout",
    "call_made_twice": "fanout",
    "another_content_type": "hello",
    "errors_in_html": "hello",
    "another_error_body": "items",
    "one_reading_for_ever": "status",
    "digest_made_up": "cpu",
    "did_not_wait": "blocking",
    "hash_of_something_else": "upload",
    "done_without_being_told": "jobs",
    "event_left_out": "stream",
    "all_at_the_end": "stream",
}
GENERATED = {
    "field_not_dropped": "POST /articulos/",
    "wrong_status": "POST /articulos/",
    "not_validated": "POST /articulos/",
    "number_turned_into_text": "POST /articulos/",
    "nested_field_not_dropped": "POST /articulos/lote",
    "stored_field_not_dropped": "GET /articulos/",
    "another_content_type": "GET /",
    "errors_in_html": "GET /items/{item_id}",
    "another_error_body": "GET /items/{item_id}",
}


@pytest.fixture(scope="module")
def client(upstream: Upstream) -> Iterator[Client]:
    env = {"WEBDYNO_UPSTREAM": upstream.url}
    with started("flask@gunicorn?threads=4", env, "wrong_service:app", Path(__file__).parent) as found:
        yield found


@pytest.mark.parametrize("part", sorted(set(WRONG.values())))
def test_with_nothing_wrong_the_check_passes(client: Client, upstream: Upstream, part: str) -> None:
    CHECKS[part](client, upstream)


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_caught(client: Client, upstream: Upstream, wrong: str) -> None:
    with pytest.raises((AssertionError, ValueError)):
        CHECKS[WRONG[wrong]](Client(client.port, {"X-Wrong": wrong}), upstream)


def test_with_nothing_wrong_generated_requests_are_answered_as_written(client: Client, upstream: Upstream) -> None:
    for label in sorted(set(GENERATED.values())):
        answers(client, label)


@pytest.mark.parametrize("wrong", GENERATED)
def test_what_is_wrong_is_caught_by_generated_requests(client: Client, wrong: str) -> None:
    with pytest.raises(FailureGroup):
        answers(Client(client.port, {"X-Wrong": wrong}), GENERATED[wrong])


def test_a_stale_date_is_caught() -> None:
    # Made here: Gunicorn does not let an app say what the date is.
    def answered(age_s: float) -> Answer:
        headers = Message()
        headers["Content-Type"] = "application/json"
        headers["Date"] = formatdate(time() - age_s, usegmt=True)
        return Answer(200, headers, b"{}")

    is_json(answered(0), 200, {})
    with pytest.raises(AssertionError):
        is_json(answered(3600), 200, {})
