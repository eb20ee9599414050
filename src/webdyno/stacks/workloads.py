"""The workloads: the parts of the services' contract, each as a request and its right answer, and those of packages.

Written `NAME[?key=value&...]`, for example `fanout?n=500&delay=50`.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

from .. import plugins
from ..errors import UsageError
from ..model.workload import Need, Request, Workload
from .entries import Integer, OneOf

GROUP = "webdyno.workloads"
Values = Mapping[str, str]

_MOST_SHOWN = 60
_JSON = (("Content-Type", "application/json"),)
_BOUNDARY = "webdyno-7d1f0c"
_MESSAGE = b"webdyno sends this and waits for it. "


class Parameter(NamedTuple):
    """What of a workload may be set.

    Attributes:
        name: the key in the notation.
        kind: which values it takes.
        default: taken where the notation does not give it.
        help: one line, without a full stop.
    """

    name: str
    kind: Integer | OneOf
    default: str
    help: str


class ServiceWorkload(NamedTuple):
    """A workload of the catalogue.

    Attributes:
        name: as written.
        summary: one line.
        parameters: what may be set.
        build: the workload, from a value for each parameter; its name is left to `find_workload`.
    """

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    build: Callable[[Values], Workload]


def find_workload(text: str) -> Workload:
    """Read a workload as written on the command line.

    Raises:
        UsageError: there is no such workload or parameter, a value is out of range, or another package's entry cannot
            be loaded.
    """
    name, _, query = text.partition("?")
    found = _workload(name)
    if found is None:
        raise UsageError(f"there is no workload {name[:_MOST_SHOWN]!r}", _suggest(name, workload_names(), "workloads"))
    given: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        key, _, value = part.partition("=")
        given[key] = _read(found, key, value)
    values = {parameter.name: parameter.default for parameter in found.parameters} | given
    full = found.name + ("?" if given else "") + "&".join(f"{key}={value}" for key, value in given.items())
    return found.build(values).model_copy(update={"name": full})


def workload_names() -> list[str]:
    """All names, webdyno's own first, then those of other packages."""
    return [*WORKLOADS, *(name for name in plugins.names({}, GROUP) if name not in WORKLOADS)]


def workloads() -> list[ServiceWorkload]:
    """All of them, in that order.

    Raises:
        UsageError: another package's entry cannot be loaded.
    """
    return [found for name in workload_names() if (found := _workload(name))]


def _workload(name: str) -> ServiceWorkload | None:
    return WORKLOADS.get(name) or plugins.find(name, {}, GROUP, ServiceWorkload)


def _read(workload: ServiceWorkload, key: str, value: str) -> str:
    known = {parameter.name: parameter for parameter in workload.parameters}
    if key not in known:
        remedy = _suggest(key, list(known), "parameters") if known else "leave out what follows the ?"
        raise UsageError(f"the workload {workload.name} has no parameter {key[:_MOST_SHOWN]!r}", remedy)
    try:
        return known[key].kind.read(value)
    except ValueError as error:
        raise UsageError(
            f"{key}={value[:_MOST_SHOWN]} of the workload {workload.name} is not {error}", known[key].help
        ) from None


def _suggest(wrong: str, known: list[str], kind: str) -> str:
    near = difflib.get_close_matches(wrong.lower(), known, n=1)
    return (f"did you mean {near[0]}? " if near else "") + f"known {kind}: {', '.join(known)}"


def _hello(values: Values) -> Workload:
    path = "/" if values["handler"] == "usual" else f"/{values['handler']}"
    return Workload(part="hello", request=Request(path=path), status=200, json_body='{"message": "Hello, World!"}')


def _status(values: Values) -> Workload:
    path = "/status" if values["of"] == "now" else "/stats"
    return Workload(part="status", request=Request(path=path), status=200)


def _items(values: Values) -> Workload:
    if values["form"] == "one":
        path, answer = "/items/7", _item(7)
    else:
        path = "/items/?q=7&skip=5&limit=20"
        found = [_item(i) for i in range(1, 1001) if "7" in str(i)]
        answer = {"q": "7", "skip": 5, "limit": 20, "total": len(found), "items": found[5:25]}
    return Workload(part="items", request=Request(path=path), status=200, json_body=json.dumps(answer))


def _item(number: int) -> dict[str, object]:
    return {"item_id": number, "nombre": f"item {number}"}


def _articulos(values: Values) -> Workload:
    form, articles = values["form"], [_article(i) for i in range(1, 101)]
    if form == "list":
        request, status, answer = Request(path="/articulos/?limit=100"), 200, json.dumps(articles)
    elif form == "one":
        request, status, answer = _posted("/articulos/", {**articles[0], "sobra": 1}), 201, json.dumps(articles[0])
    else:
        lot = {"proveedor": {"nombre": "Norte", "pais": "ES"}, "articulos": articles}
        extra = {**lot, "articulos": [{**article, "sobra": 1} for article in articles]}
        request, status, answer = _posted("/articulos/lote", extra), 201, json.dumps(lot)
    return Workload(part="articulos", request=request, status=status, json_body=answer)


def _article(number: int) -> dict[str, object]:
    return {"nombre": f"articulo {number}", "precio": number * 1.25, "en_stock": number % 3 != 0}


def _posted(path: str, document: object) -> Request:
    return Request(method="POST", path=path, headers=_JSON, body=json.dumps(document).encode())


def _fanout(values: Values) -> Workload:
    calls, delay, seed = int(values["n"]), int(values["delay"]), 1
    settings = {"delay": f"{values['law']}:{delay}", "errors": int(values["errors"]) / 100, "seed": seed}
    total = sum(_told_by_upstream(x, seed) for x in range(calls))
    own_way = values["mode"] == "own"
    return Workload(
        part="fanout",
        request=Request(path=f"/fanout?n={calls}&mode={'async' if own_way else values['mode']}"),
        wsgi_request=Request(path=f"/fanout?n={calls}&mode=sequential") if own_way else None,
        status=200,
        json_body=json.dumps({"n": calls, "distinct": calls, "sum": total}),
        needs=(Need(name="upstream", settings=settings, calls=calls),),
    )


def _told_by_upstream(x: int, seed: int) -> int:
    # As in services/upstream, written down once more: nobody could make it up without asking.
    return (x * 2654435761 + seed * 40503) % 1000003


def _cpu(values: Values) -> Workload:
    units = int(values["units"])
    state = b"webdyno"
    for _ in range(units * 1000):
        state = hashlib.sha256(state).digest()
    answer = {"units": units, "digest": state.hex()}
    request = Request(path=f"/cpu?units={units}&mode={values['mode']}")
    return Workload(part="cpu", request=request, status=200, json_body=json.dumps(answer))


def _blocking(values: Values) -> Workload:
    request = Request(path=f"/blocking?ms={values['ms']}&form={values['form']}")
    answer = {"ms": int(values["ms"]), "form": values["form"]}
    return Workload(part="blocking", request=request, status=200, json_body=json.dumps(answer))


def _upload(values: Values) -> Workload:
    content = hashlib.shake_256(b"webdyno").digest(int(values["kib"]) * 1024)
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="webdyno.bin"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    request = Request(
        method="POST",
        path="/upload",
        headers=(("Content-Type", f"multipart/form-data; boundary={_BOUNDARY}"),),
        body=head.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode(),
    )
    answer = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return Workload(part="upload", request=request, status=200, json_body=json.dumps(answer))


def _jobs(values: Values) -> Workload:
    request = _posted("/jobs", {"steps": int(values["steps"]), "step_ms": int(values["step_ms"])})
    return Workload(part="jobs", request=request, status=202, json_values={"message": "request received"}, varies="id")


def _stream(values: Values) -> Workload:
    n = int(values["n"])
    request = Request(path=f"/stream?n={n}&interval_ms={values['interval_ms']}")
    body = "".join(f'data: {{"i": {i}}}\n\n' for i in range(n)).encode()
    return Workload(part="stream", request=request, status=200, body=body)


def _websocket(values: Values) -> Workload:
    count = int(values["bytes"])
    message = (_MESSAGE * (count // len(_MESSAGE) + 1))[:count]
    return Workload(part="websocket", request=Request(path="/ws", body=message, websocket=True), body=message)


_MODES = ("sequential", "threads", "async")
WORKLOADS = {
    one.name: one
    for one in (
        ServiceWorkload(
            "hello",
            "the least a service can do",
            (
                Parameter(
                    "handler", OneOf(("usual", "sync", "async")), "usual", "def or async def, where there are both"
                ),
            ),
            _hello,
        ),
        ServiceWorkload(
            "status",
            "CPU and memory of the machine and of the process",
            (Parameter("of", OneOf(("now", "history")), "now", "this moment, or the last 60 samples"),),
            _status,
        ),
        ServiceWorkload(
            "items",
            "typed parameters in path and query",
            (Parameter("form", OneOf(("one", "list")), "one", "one item, or a page of those that a text is found in"),),
            _items,
        ),
        ServiceWorkload(
            "articulos",
            "JSON bodies validated, answers through a response model",
            (Parameter("form", OneOf(("one", "lote", "list")), "one", "take in one article or 100, or list 100"),),
            _articulos,
        ),
        ServiceWorkload(
            "fanout",
            "calls to another service, which webdyno starts",
            (
                Parameter("n", Integer(1, 500), "20", "calls for one request"),
                Parameter("delay", Integer(0, 60_000), "10", "milliseconds that each call takes"),
                Parameter("law", OneOf(("constant", "exponential")), "constant", "how the delay varies"),
                Parameter("errors", Integer(0, 100), "0", "per cent of the calls that fail"),
                Parameter("mode", OneOf(("own", *_MODES)), "own", "own is async for ASGI, sequential for WSGI"),
            ),
            _fanout,
        ),
        ServiceWorkload(
            "cpu",
            "a computation of a fixed length",
            (
                Parameter("units", Integer(1, 1000), "1", "length, in units of 1000 rounds of SHA-256"),
                Parameter("mode", OneOf(("inline", "thread", "process")), "inline", "where it is computed"),
            ),
            _cpu,
        ),
        ServiceWorkload(
            "blocking",
            "a wait that blocks its thread, and its right form",
            (
                Parameter("ms", Integer(0, 10_000), "50", "milliseconds"),
                Parameter("form", OneOf(("wrong", "right")), "wrong", "wrong blocks the event loop, right does not"),
            ),
            _blocking,
        ),
        ServiceWorkload(
            "upload",
            "a file written to disk and hashed",
            (Parameter("kib", Integer(1, 16_000), "64", "length of the file in KiB"),),
            _upload,
        ),
        ServiceWorkload(
            "jobs",
            "work that is taken in at once and done later",
            (
                Parameter("steps", Integer(1, 100), "1", "steps of a job"),
                Parameter("step_ms", Integer(0, 1000), "0", "milliseconds that each takes"),
            ),
            _jobs,
        ),
        ServiceWorkload(
            "stream",
            "server-sent events",
            (
                Parameter("n", Integer(1, 10_000), "100", "events"),
                Parameter("interval_ms", Integer(0, 1000), "0", "milliseconds between them"),
            ),
            _stream,
        ),
        ServiceWorkload(
            "websocket",
            "messages sent back over connections that stay open",
            (Parameter("bytes", Integer(1, 65_536), "32", "length of a message, which is text"),),
            _websocket,
        ),
    )
}
"""By name."""
