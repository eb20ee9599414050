"""What `webdyno load` sends and to whom: request, credentials, TLS; or an error that says which option is wrong."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from ...bounded_file import read_bounded
from ...errors import UsageError
from ...loadgen.scenario_file import read_scenario
from ...model.http_request import check_fields
from ...model.scenario import Scenario, Step
from ...model.target import Target, shortened
from ...model.tls import Tls
from ...model.workload import Expected, Request
from ...units import printable
from ..options import LoadOptions
from ..values import LARGEST_BODY

_SAID_BY_STEPS = ("method", "body", "status", "expect_body")

Headers = tuple[tuple[str, str], ...]


def read_request(path: str, options: LoadOptions) -> Request:
    """The request.

    Raises:
        UsageError: the method or a header is not what HTTP allows, or a header contradicts what is sent.
    """
    given = {
        "path": path,
        "method": ("GET" if options["method"] is None else options["method"]).upper(),
        "headers": read_headers(options),
        "body": options["body"],
    }
    try:
        request = Request.model_validate(given)
    except ValidationError as error:
        field = str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
        option = {"headers": "--header", "method": "--method"}.get(field, field)
        # The value itself may be a secret.
        raise UsageError(f"{option} holds what HTTP does not allow there", "check its characters") from error
    check_fields(request.headers, None if options["scenario"] else len(request.body or b""))
    return request


def read_headers(options: LoadOptions) -> Headers:
    """All headers that the options ask for, as often as they are given.

    Raises:
        UsageError: one has no name, or is asked for in two ways.
    """
    headers = list(cast("Headers", options["headers"] or ()))
    names = {name.lower() for name, _ in headers}
    credentials = [option for option in ("user", "bearer") if options.get(option) is not None]
    if len(credentials) + ("authorization" in names) > 1:
        raise UsageError(
            "--user, --bearer and --header Authorization exclude each other", "give the credentials in one way"
        )
    if options["user"] is not None:
        headers.append(("Authorization", _basic(options["user"])))
    if options["bearer"] is not None:
        headers.append(("Authorization", _bearer(options["bearer"])))
    if options["compressed"]:
        if "accept-encoding" in names:
            raise UsageError("--compressed and --header Accept-Encoding exclude each other", "leave one out")
        headers.append(("Accept-Encoding", "gzip, deflate"))
    return tuple(headers)


def read_scenario_of(options: LoadOptions, target: Target, headers: Headers) -> Scenario | None:
    """The scenario, on the path of the URL and with the headers of the command line in every step that has not its own.

    Raises:
        UsageError: it cannot be read, or another option or the URL says what the scenario has to say.
    """
    if options["scenario"] is None:
        return None
    for name in _SAID_BY_STEPS:
        if options.get(name) is not None:
            raise UsageError(
                f"--scenario and --{name.replace('_', '-')} exclude each other", "write it into the step that it is for"
            )
    if "?" in target.path:
        raise UsageError("with --scenario the URL may have no query", "write it into the paths of the scenario")
    scenario = read_scenario(Path(options["scenario"]))
    prefix, given = _literal(target.path.rstrip("/")), [(name, _literal(value)) for name, value in headers]
    flows = tuple(
        flow.model_copy(update={"steps": tuple(_extended(step, prefix, given) for step in flow.steps)})
        for flow in scenario.flows
    )
    return scenario.model_copy(update={"flows": flows, "cookies": scenario.cookies and not options["no_cookies"]})


def _extended(step: Step, prefix: str, given: Sequence[tuple[str, str]]) -> Step:
    request = step.request
    own = {name.lower() for name, _ in request.headers} | ({"authorization"} if step.basic is not None else set())
    headers = (*request.headers, *((name, value) for name, value in given if name.lower() not in own))
    return step.model_copy(
        update={"request": request.model_copy(update={"path": prefix + request.path, "headers": headers})}
    )


def _literal(text: str) -> str:
    """The text as a template that stands for itself."""
    return text.replace("${", "$${")


def read_expected(options: LoadOptions) -> Expected:
    """What the right answer is; no status where the first answer is to show it."""
    return Expected(status=options["status"], body=options["expect_body"])


def read_tls(target: Target, options: LoadOptions) -> Tls | None:
    """How to speak TLS; None where the URL does not ask for it.

    Raises:
        UsageError: an option of TLS with a URL without it, or two that contradict each other.
    """
    given = [name for name in ("ca", "insecure") if options.get(name) not in (None, False)]
    if target.scheme != "https":
        if given:
            raise UsageError(
                f"--{given[0]} is for TLS, and the URL is an http:// one",
                f"write {shortened(target.under('https'))}, or leave it out",
            )
        return None
    if len(given) > 1:
        raise UsageError("--ca and --insecure exclude each other", "trust the one, or anyone")
    if options["ca"] is not None:
        # Said here, since a folder or a missing file would fail only later and in other words.
        read_bounded(Path(options["ca"]), LARGEST_BODY, f"--ca {printable(str(options['ca']))}")
    return Tls(
        ca_file=str(options["ca"]) if options["ca"] is not None else None,
        insecure=options["insecure"],
        server_name=target.host,
    )


def _basic(secret: str) -> str:
    if ":" not in secret:
        raise UsageError("--user has no colon between name and password", "write NAME:PASSWORD, or @FILE with that")
    return "Basic " + base64.b64encode(os.fsencode(secret)).decode("ascii")


def _bearer(token: str) -> str:
    if not token.isascii() or not token.isprintable() or not token or " " in token:
        raise UsageError("--bearer is no token: it is empty or holds spaces or other characters", "check it")
    return f"Bearer {token}"
