"""What is asked of the stacks, and what must come back."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from ..errors import UsageError
from ..model.http_request import check_fields
from ..model.notation import ParsedStack
from ..model.secret_rules import mask_text
from ..model.workload import HELLO, Request, Workload
from ..stacks.workloads import find_workload
from .option import flag, options_of
from .options import CompareOptions

_OF_ONE_REQUEST = ("path", "method", "headers", "body", "status", "expect_body", "expect_json")
# What a request may hold, as a remedy.
_ALLOWED = {
    "method": "give an HTTP method such as GET",
    "path": "begin it with / and write spaces and other characters percent-encoded",
    "headers": "write NAME: VALUE on one line, in characters that HTTP allows",
    "json_values": "give text, a number, true, false or null",
}


def workload_of(stacks: Sequence[ParsedStack], options: CompareOptions) -> Workload:
    """The workload: a part of the contract, or the request that the options make.

    Raises:
        UsageError: both are given, or a value is not what HTTP allows.
    """
    own = any(options.get(name) not in (None, (), {}) for name in _OF_ONE_REQUEST)
    named = options["workload"]
    if named is not None:
        if own:
            raise UsageError(
                f"--workload {named:.60} says what is asked and what must come back, and so do --path, --method, "
                "--header, --body, --status, --expect-body and --expect-json",
                "leave out one or the other",
            )
        return find_workload(named)
    if not own and not any(parsed.stack.is_import_string for parsed in stacks):
        return HELLO
    return _own_request(options)


def _own_request(options: CompareOptions) -> Workload:
    method, path = options["method"], options["path"]
    expect_body, expect_json = options["expect_body"], options["expect_json"]
    try:
        request = Request.model_validate(
            {
                "method": "GET" if method is None else method,
                "path": "/" if path is None else path,
                "headers": options["headers"] or (),
                "body": options["body"],
            }
        )
        check_fields(request.headers, len(request.body or b""))
        if method == "HEAD" and (expect_body is not None or expect_json):
            raise UsageError(
                "responses to --method HEAD have no body to expect", "leave out --expect-body and --expect-json"
            )
        return Workload.model_validate(
            {
                "name": "own request",
                "request": request,
                "status": options["status"],
                "body": expect_body,
                "json_values": expect_json or {},
            }
        )
    except ValidationError as error:
        raise _not_allowed(error, options) from error


def _not_allowed(error: ValidationError, options: CompareOptions) -> UsageError:
    first = error.errors(include_url=False)[0]
    field = str(first["loc"][0])
    name = {"json_values": "expect_json"}.get(field, field)
    # Of a header the name: its value may be a secret.
    headers = tuple(options["headers"] or ())
    shown = headers[int(first["loc"][1])][0] if field == "headers" else first["input"]
    called = flag(name, options_of(CompareOptions)[name])
    return UsageError(f"{called} {mask_text(str(shown)):.60} cannot be used", _ALLOWED[field])
