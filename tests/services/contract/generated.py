"""Requests that schemathesis makes from the OpenAPI document, such as it allows and such as it does not."""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias
from unittest.mock import patch

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core import NotSet
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from .client import TIMEOUT_S, Client, events
from .matrix import CONTRACT

Made: TypeAlias = Case[Any]
Operation: TypeAlias = APIOperation[Any, Any, Any, Any]
Said: TypeAlias = tuple[int, str, Any]
"""Status, content type, and what the body means."""

SEED = 4
EXAMPLES = 10
"""Of either kind, for each operation."""
CAPS = {"ms": 20, "interval_ms": 2, "n": 20, "units": 3, "steps": 3, "step_ms": 2}
"""What one request may ask for here: the contract's own limits let it take hours."""
LONGEST_URL = 4000
"""Servers refuse a longer one by themselves."""
CONFORMANCE = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def cheap(document: Any) -> Any:
    """The document, its limits lowered to the caps, and without schemas of events, which OpenAPI 3.1 cannot write."""
    document = copy.deepcopy(document)
    described = list(document["components"]["schemas"]["JobOrder"]["properties"].items())
    for path in document["paths"].values():
        for operation in path.values():
            described += [(one["name"], one["schema"]) for one in operation.get("parameters", [])]
            for answer in operation["responses"].values():
                answer.get("content", {}).get("text/event-stream", {}).pop("schema", None)
    for name, schema in described:
        if name in CAPS:
            schema["maximum"] = CAPS[name]
            schema.pop("default", None)
    return document


SCHEMA = schemathesis.openapi.from_dict(cheap(json.loads((CONTRACT / "openapi.json").read_text())))
OPERATIONS: dict[str, Operation] = {
    found.ok().label: found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)
}


@functools.cache
def requests(label: str) -> tuple[Made, ...]:
    """The requests of one operation: made once, the same for every service."""
    operation = OPERATIONS[label]
    made: dict[str, Made] = {}

    def make(mode: GenerationMode) -> None:
        @seed(SEED)
        @settings(max_examples=EXAMPLES, phases=[Phase.generate], database=None, suppress_health_check=[*HealthCheck])
        @given(operation.as_strategy(generation_mode=mode))
        def keep(case: Made) -> None:
            if not (_is_costly(case) or _is_left_open(case)):
                made.setdefault(written(case), case)

        keep()

    with without_own_constants():
        make(GenerationMode.POSITIVE)
        # Nothing can be wrong about a request without parameters.
        if operation.body or operation.query or operation.path_parameters:
            make(GenerationMode.NEGATIVE)
    return tuple(made.values())


@contextmanager
def without_own_constants() -> Iterator[None]:
    """Keep Hypothesis from using the constants of our own code: requests would change with what is loaded of it."""
    with (
        patch.object(providers, "_get_local_constants", Constants),
        patch.object(providers, "CONSTANTS_CACHE", {}),
    ):
        yield


def written(case: Made) -> str:
    """What tells it from the operation's other requests."""
    return repr((case.path_parameters, case.query, None if isinstance(case.body, NotSet) else case.body))


def _values(case: Made) -> dict[str, Any]:
    """What it gives for the parameters and fields that have names."""
    body = case.body if isinstance(case.body, dict) else {}
    return {**(case.path_parameters or {}), **(case.query or {}), **body}


def _is_costly(case: Made) -> bool:
    given = _values(case)
    return any(str(given.get(name, "")).isdecimal() and cap < int(given[name]) <= 10_000 for name, cap in CAPS.items())


def _is_left_open(case: Made) -> bool:
    """Whether the contract lets services differ, or says more than OpenAPI can."""
    if len(case.as_curl_command()) > LONGEST_URL and case.method == "GET":
        return True
    if case.media_type == "multipart/form-data" and not isinstance(case.body, dict):
        return True
    for parameter in case.operation.query:
        value = (case.query or {}).get(parameter.name)
        if isinstance(value, list | dict) or re.fullmatch(r"\s*[+-]?[\d_]+(\.0*)?\s*", _other_spelling(value)):
            return True
    # To JSON Schema, 2.0 is an integer.
    return any(name in CAPS and isinstance(value, float) for name, value in _values(case).items())


def _other_spelling(value: Any) -> str:
    """The text, unless it is one of an integer that all must take."""
    text = "" if value is None else str(value)
    return "" if re.fullmatch(r"-?[0-9]+", text) else text


def answers(client: Client, label: str) -> list[Said]:
    """What a service says to each of the requests.

    Raises:
        FailureGroup: schemathesis's, where that is not as the document says.
    """
    return [_said(case, ask(client, case)) for case in requests(label)]


def ask(client: Client, case: Made) -> Response:
    """Send one of the requests."""
    return case.call(base_url=f"http://127.0.0.1:{client.port}", headers=dict(client.headers), timeout=TIMEOUT_S)


def _said(case: Made, answer: Response) -> Said:
    case.validate_response(answer, checks=[*CONFORMANCE, *_verdict(case)])
    content_type = answer.headers["content-type"][0].partition(";")[0]
    match content_type:
        case "application/json":
            return answer.status_code, content_type, answer.json()
        case "text/event-stream":
            return answer.status_code, content_type, events(answer.content)
    return answer.status_code, content_type, answer.content


def _verdict(case: Made) -> list[Any]:
    """Whether it must be taken or refused; what is wrong may be a parameter that is ignored, or a form's text."""
    assert case.meta
    if case.meta.generation.mode is GenerationMode.POSITIVE:
        return [positive_data_acceptance]
    return [negative_data_rejection] if case.media_type == "application/json" else []
