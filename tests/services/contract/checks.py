"""What each part of the contract asks for, as functions that fail where a service does something else."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from websockets.sync.client import connect

from .client import Answer, Client, events, multipart
from .upstreams import Upstream, value

PHRASES = {
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    502: "Bad Gateway",
    503: "Service Unavailable",
}
ARTICULO = {"nombre": "silla", "precio": 19.5, "en_stock": True}


def is_json(answer: Answer, status: int, document: Any) -> None:
    """The answer has this status and says just this."""
    assert (answer.status, answer.content_type) == (status, "application/json"), answer
    # As text, too: to Python, 1 == 1.0 == True.
    assert answer.json == document and str(sorted_(answer.json)) == str(sorted_(document)), answer
    for date in answer.headers.get_all("Date", []):
        assert abs((datetime.now(UTC) - parsedate_to_datetime(date)).total_seconds()) < 5, date


def sorted_(document: Any) -> Any:
    """The same with its keys in order."""
    if isinstance(document, dict):
        return {key: sorted_(document[key]) for key in sorted(document)}
    return [sorted_(one) for one in document] if isinstance(document, list) else document


def is_error(answer: Answer, status: int) -> None:
    """It is the contract's answer of that status."""
    is_json(answer, status, {"detail": PHRASES[status]})
    assert status != 405 or answer.headers["Allow"]


def is_invalid(answer: Answer, *fields: str) -> None:
    """It is the contract's 422 that names these fields, and no others."""
    is_json(answer, 422, {"detail": "Unprocessable Content", "fields": list(fields)})


def hello(client: Client, upstream: Upstream) -> None:
    for path in ("", "sync", "async", "?other=1"):
        is_json(client.get(f"/{path}"), 200, {"message": "Hello, World!"})
    about = client.get("/test-api").json
    assert set(about) == {
        "framework", "framework_version", "server", "server_version", "python_version", "lifespan", "pid",
    }  # fmt: skip
    assert about["server"] and about["server_version"] and about["pid"] > 1
    assert (about["framework"] is None) == (about["framework_version"] is None)
    is_error(client.get("/nowhere"), 404)
    is_error(client.ask("DELETE", "/"), 405)


def status(client: Client, upstream: Upstream) -> None:
    pid = client.get("/test-api").json["pid"]
    now, history = client.get("/status").json, client.get("/stats").json
    assert set(now) == {"pid", "time", "system", "process"} and now["pid"] == history["pid"] == pid
    assert set(now["system"]) == {"cpu_percent", "memory_percent", "memory_used_mb", "memory_available_mb"}
    assert set(now["process"]) == {"cpu_percent", "rss_mb", "vms_mb"}
    assert 0 <= now["system"]["cpu_percent"] <= 100 and 0 < now["system"]["memory_percent"] <= 100
    assert 5 < now["process"]["rss_mb"] < now["system"]["memory_used_mb"] + now["system"]["memory_available_mb"]
    samples = until(lambda: client.get("/stats").json["samples"], lambda found: len(found) >= 3)
    assert [sample["time"] for sample in samples] == sorted(sample["time"] for sample in samples)
    assert abs(time.time() - until(lambda: client.get("/status").json, lambda found: found != now)["time"]) < 2
    history = client.get("/stats").json
    assert set(history) == {"pid", "interval_s", "samples", "summary"} and history["interval_s"] == 0.1
    assert len(history["samples"]) <= 60
    rss = [sample["process"]["rss_mb"] for sample in history["samples"]]
    told = history["summary"]["process"]["rss_mb"]
    assert (told["min"], told["max"]) == (min(rss), max(rss)) and abs(told["avg"] - sum(rss) / len(rss)) < 0.01
    assert {part: set(found) for part, found in history["summary"].items()} == {
        "system": set(now["system"]),
        "process": set(now["process"]),
    }


def until(look: Callable[[], Any], good: Callable[[Any], bool], limit_s: float = 4.0) -> Any:
    """What is seen once it is good."""
    deadline = time.monotonic() + limit_s
    while not good(found := look()):
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found


def items(client: Client, upstream: Upstream) -> None:
    number = random.randint(1, 1000)
    is_json(client.get(f"/items/{number}"), 200, {"item_id": number, "nombre": f"item {number}"})
    for unknown in (0, -1, 1001, 2**31, 2**63 - 1, -(2**63)):
        is_error(client.get(f"/items/{unknown}"), 404)
    for wrong in ("x", "1.5", str(2**63), "9" * 3000, "-", "%00", "null"):
        is_invalid(client.get(f"/items/{wrong}"), "path.item_id")
    found = [{"item_id": i, "nombre": f"item {i}"} for i in range(1, 1001)]
    nines = [one for one in found if "99" in str(one["nombre"])]
    page = {"q": None, "skip": 0, "limit": 10, "total": 1000, "items": found[:10]}
    is_json(client.get("/items/"), 200, page)
    is_json(client.get("/items/?q="), 200, {**page, "q": ""})
    is_json(
        client.get("/items/?q=99&skip=3&limit=2&other=1"),
        200,
        {"q": "99", "skip": 3, "limit": 2, "total": len(nines), "items": nines[3:5]},
    )
    is_json(client.get("/items/?q=%C3%B1"), 200, {**page, "q": "\u00f1", "total": 0, "items": []})
    is_json(client.get("/items/?skip=1000000&limit=100"), 200, {**page, "skip": 1_000_000, "limit": 100, "items": []})
    is_invalid(client.get("/items/?skip=-1&limit=0"), "query.limit", "query.skip")
    is_invalid(client.get("/items/?skip=x"), "query.skip")
    is_invalid(client.get("/items/?limit=101"), "query.limit")
    is_invalid(client.get(f"/items/?skip={'9' * 3000}"), "query.skip")
    is_invalid(client.get(f"/items/?q={'q' * 101}"), "query.q")
    assert client.get("/items").status in (200, 301, 307, 308, 404)
    is_error(client.ask("DELETE", "/items/1"), 405)


def articulos(client: Client, upstream: Upstream) -> None:
    stored = [{"nombre": f"articulo {i}", "precio": 1.25 * i, "en_stock": i % 3 != 0} for i in range(1, 101)]
    is_json(client.get("/articulos/"), 200, stored[:10])
    is_json(client.get("/articulos/?skip=95&limit=100"), 200, stored[95:])
    is_invalid(client.get("/articulos/?limit=101&skip=x"), "query.limit", "query.skip")
    is_json(client.post_json("/articulos/", ARTICULO), 201, ARTICULO)
    is_json(client.post_json("/articulos/", {**ARTICULO, "coste": 1, "otro": {"a": []}}), 201, ARTICULO)
    other = {"nombre": "\u00f1\U0001f600" * 50, "precio": 0.1 + 0.2, "en_stock": False}
    is_json(client.post_json("/articulos/", other), 201, other)
    is_invalid(client.post_json("/articulos/", {}), "body.en_stock", "body.nombre", "body.precio")
    wrong_values: dict[str, list[Any]] = {
        "nombre": ["", "x" * 101, 5, None, ["x"], "\ud800"],
        "precio": ["1.5", -0.01, 1_000_001, True, None, 10**400, float("nan"), float("inf"), "x"],
        "en_stock": [1, 0, "true", None],
    }
    for name, wrong in wrong_values.items():
        for one in wrong:
            is_invalid(client.post_json("/articulos/", {**ARTICULO, name: one}), f"body.{name}")
    for no_object in ([], [ARTICULO], "x", 5, None):
        is_invalid(client.post_json("/articulos/", no_object), "body")
    lotes(client)
    is_error(client.ask("PUT", "/articulos/"), 405)


def lotes(client: Client) -> None:
    lote = {"proveedor": {"nombre": "Ram\u00f3n", "pais": "ES"}, "articulos": [ARTICULO] * 100}
    is_json(client.post_json("/articulos/lote", lote), 201, lote)
    more = {
        "x": 1,
        "proveedor": {"nombre": "R", "pais": "ES", "nif": "1"},
        "articulos": [{**ARTICULO, "coste": 2, "almacen": 3}],
    }
    less = {"proveedor": {"nombre": "R", "pais": "ES"}, "articulos": [ARTICULO]}
    is_json(client.post_json("/articulos/lote", more), 201, less)
    wrong = {"proveedor": {"nombre": "R", "pais": "ESP"}, "articulos": [ARTICULO, {**ARTICULO, "precio": "1"}, 5]}
    fields = ("body.articulos.1.precio", "body.articulos.2", "body.proveedor.pais")
    is_invalid(client.post_json("/articulos/lote", wrong), *fields)
    is_invalid(client.post_json("/articulos/lote", {**lote, "articulos": []}), "body.articulos")
    is_invalid(client.post_json("/articulos/lote", {**lote, "articulos": [ARTICULO] * 101}), "body.articulos")


def fanout(client: Client, upstream: Upstream) -> None:
    for mode in ("sequential", "threads", "async"):
        for n in (1, 20, 130):
            seed = random.randrange(10**6)
            upstream.behave(seed=seed)
            answer = client.get(f"/fanout?n={n}&mode={mode}")
            is_json(answer, 200, {"n": n, "distinct": n, "sum": sum(value(x, seed) for x in range(n))})
            assert upstream.hits() == n, f"{mode}: each call reaches the upstream, and once"
    upstream.behave(seed=3)
    is_json(client.get("/fanout"), 200, {"n": 20, "distinct": 20, "sum": sum(value(x, 3) for x in range(20))})
    is_invalid(client.get("/fanout?n=0&mode=fast"), "query.mode", "query.n")
    is_invalid(client.get("/fanout?n=501"), "query.n")
    # Last: calls may still be on their way when another one has failed.
    for mode in ("sequential", "threads", "async"):
        for errors, n in ((1.0, 3), (0.5, 50)):
            upstream.behave(errors=errors)
            is_error(client.get(f"/fanout?n={n}&mode={mode}"), 502)


def cpu(client: Client, upstream: Upstream) -> None:
    for mode in ("inline", "thread", "process"):
        for units in (1, 3):
            state = b"webdyno"
            for _ in range(units * 1000):
                state = hashlib.sha256(state).digest()
            is_json(client.get(f"/cpu?units={units}&mode={mode}"), 200, {"units": units, "digest": state.hex()})
    is_invalid(client.get("/cpu?units=1001&mode=gpu"), "query.mode", "query.units")
    is_invalid(client.get(f"/cpu?units={'9' * 3000}"), "query.units")


def blocking(client: Client, upstream: Upstream) -> None:
    for form in ("wrong", "right"):
        began = time.monotonic()
        is_json(client.get(f"/blocking?ms=60&form={form}"), 200, {"ms": 60, "form": form})
        assert time.monotonic() - began >= 0.06
    is_json(client.get("/blocking?ms=0"), 200, {"ms": 0, "form": "wrong"})
    is_invalid(client.get("/blocking?ms=10001&form=x"), "query.form", "query.ms")


def upload(client: Client, upstream: Upstream) -> None:
    for size in (0, 1, 3_000_000):
        content = random.randbytes(size)
        answer = client.post_text("/upload", *multipart(content))
        is_json(answer, 200, {"bytes": size, "sha256": hashlib.sha256(content).hexdigest()})
    body, content_type = multipart(b"webdyno")
    is_invalid(client.post_text("/upload", *multipart(b"x", name="other")), "body.file")
    no_file = body.replace(b'; filename="f.bin"', b"").replace(b"Content-Type: application/octet-stream\r\n", b"")
    is_invalid(client.post_text("/upload", no_file, content_type), "body.file")
    is_invalid(client.post_text("/upload", body[:-14], content_type), "body.file")
    is_error(client.post_text("/upload", body, "multipart/form-data"), 400)
    is_error(client.post_text("/upload", body, "application/json"), 415)
    is_error(client.get("/upload"), 405)


def jobs(client: Client, upstream: Upstream) -> None:
    answer = client.post_json("/jobs", {"steps": 3, "step_ms": 1})
    job_id = answer.json["id"]
    is_json(answer, 202, {"message": "request received", "id": job_id})
    assert answer.headers["Location"].endswith(f"/jobs/{job_id}")
    told = client.get(f"/jobs/{job_id}/events")
    assert (told.status, told.content_type) == (200, "text/event-stream")
    names, documents = zip(*events(told.body), strict=True)
    done = {"id": job_id, "state": "done", "steps": 3, "steps_done": 3}
    assert set(names) == {"job"} and documents[-1] == done
    states = [document["state"] for document in documents]
    assert states == ["received", "running", "done"][-len(states) :]
    is_json(client.get(f"/jobs/{job_id}"), 200, done)
    began = time.monotonic()
    slow = client.post_json("/jobs", {"steps": 100, "step_ms": 1000}).json["id"]
    assert time.monotonic() - began < 50, "it is answered before the work is done, which takes 100 s"
    assert client.get(f"/jobs/{slow}").json["state"] in ("received", "running")
    is_error(client.get("/jobs/unknown"), 404)
    is_error(client.get("/jobs/unknown/events"), 404)
    is_invalid(client.post_json("/jobs", {"steps": 0, "step_ms": 1.5}), "body.step_ms", "body.steps")
    is_invalid(client.post_json("/jobs", {"steps": "3", "step_ms": 10**30}), "body.step_ms", "body.steps")


def stream(client: Client, upstream: Upstream) -> None:
    for query, n in (("", 100), ("?n=1", 1), ("?n=10000", 10_000)):
        answer = client.get(f"/stream{query}")
        assert (answer.status, answer.content_type) == (200, "text/event-stream")
        assert answer.headers["Cache-Control"] == "no-cache"
        assert events(answer.body) == [("message", {"i": i}) for i in range(n)]
    head = "".join(f"{name}: {text}\r\n" for name, text in client.headers.items())
    with client.send_raw(f"GET /stream?n=2&interval_ms=500 HTTP/1.0\r\n{head}\r\n".encode()) as connection:
        arrived = [time.monotonic() for _ in iter(lambda: connection.recv(65536), b"")]
    assert arrived[-1] - arrived[0] > 0.2, "each event is sent when it is due, not all at the end"
    is_invalid(client.get("/stream?n=0&interval_ms=1001"), "query.interval_ms", "query.n")
    is_invalid(client.get(f"/stream?n={'9' * 3000}"), "query.n")
    is_invalid(client.get("/stream?n=x"), "query.n")


def websocket(client: Client, upstream: Upstream) -> None:
    with connect(f"ws://127.0.0.1:{client.port}/ws", open_timeout=10, close_timeout=5) as opened:
        for message in ("hola", "", "\u00f1" * 1000, b"\x00\xff", b"x" * 100_000):
            opened.send(message)
            assert opened.recv(timeout=10) == message
    is_error(client.get("/ws"), 404)


def static(client: Client, upstream: Upstream) -> None:
    answer = client.get("/static/webdyno.txt")
    assert (answer.status, answer.content_type) == (200, "text/plain")
    assert len(answer.body.splitlines()) == 64
    for path in ("/static/none.txt", "/static/../models.py", "/static/%2e%2e/models.py", "/static/..%2fmodels.py"):
        is_error(client.get(path), 404)


def docs(client: Client, upstream: Upstream) -> None:
    answer = client.get("/docs")
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert client.get("/openapi.json").status == 200


def lifespan(client: Client, upstream: Upstream) -> None:
    assert client.get("/test-api").json["lifespan"] is True


CHECKS = {
    check.__name__: check
    for check in (
        hello, status, items, articulos, fanout, cpu, blocking, upload, jobs, stream, websocket, static, docs,
        lifespan,
    )
}  # fmt: skip
ABSENT = {
    "status": ("/status", "/stats"),
    "items": ("/items/", "/items/1"),
    "articulos": ("/articulos/", "/articulos/lote"),
    "fanout": ("/fanout",),
    "cpu": ("/cpu",),
    "blocking": ("/blocking",),
    "upload": ("/upload",),
    "jobs": ("/jobs", "/jobs/1", "/jobs/1/events"),
    "stream": ("/stream",),
    "websocket": ("/ws",),
    "static": ("/static/webdyno.txt",),
    "docs": ("/docs", "/openapi.json"),
}
