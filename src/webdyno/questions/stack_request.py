"""What is asked of the stacks, and what must come back."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from ..errors import UsageError
from ..model.http_request import check_fields
from ..model.notation import ParsedStack
from ..model.secret_rules import mask_text
from ..model.target import parse_target, shortened
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
    own = [name for name in _OF_ONE_REQUEST if options.get(name) not in (None, (), {})]
    named = options["workload"]
    if named is not None:
        if own:
            flags = " and ".join(flag(name, options_of(CompareOptions)[name]) for name in own)
            raise UsageError(
                f"--workload {named:.60} says what is asked and what must come back, and so does {flags}",
                "leave out one or the other",
            )
        _agreed_path(stacks, "/")
        return find_workload(named)
    if not own and all(parsed.stack.is_reference for parsed in stacks):
        return HELLO
    return _own_request({**options, "path": _agreed_path(stacks, options["path"])})


def _agreed_path(stacks: Sequence[ParsedStack], given: str | None) -> str | None:
    """The path that all are asked for: the one that is given, else that of the URLs.

    Raises:
        UsageError: a URL names another one.
    """
    named = [parse_target(parsed.stack.url).path for parsed in stacks if parsed.stack.url is not None]
    paths = list(dict.fromkeys(path for path in named if given is None or path not in ("/", given)))
    if len(paths) > 1 or (paths and given is not None):
        shown = " and ".join(map(shortened, paths))
        raise UsageError(
            f"all stacks are asked for the same path, and the URLs name {shown}"
            + (" beside the one that is given" if given is not None else ""),
            "end the URLs after the host, and give the path with --path; with --workload leave both out",
        )
    return paths[0] if paths else given


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
