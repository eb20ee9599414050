"""The contract with no framework at all: what an ASGI server itself costs."""

import asyncio
import json
from urllib.parse import parse_qs

from webdyno_shared import sse
from webdyno_shared.about import about
from webdyno_shared.errors import error_body, invalid_body

STREAM = {"n": (100, 1, 10_000), "interval_ms": (0, 0, 1000)}
started = False


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
        return
    endpoint = ENDPOINTS.get(scope["path"])
    if endpoint is None:
        await respond(send, 404, error_body(404))
    elif scope["method"] != "GET":
        await respond(send, 405, error_body(405), (b"allow", b"GET"))
    else:
        await endpoint(scope, send)


async def respond(send, status, document, *headers):
    body = json.dumps(document).encode()
    length = str(len(body)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length), *headers]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def hello(scope, send):
    await respond(send, 200, {"message": "Hello, World!"})


async def test_api(scope, send):
    await respond(send, 200, about(None, started))


async def stream(scope, send):
    asked, wrong = numbers(scope["query_string"].decode("latin-1"))
    if wrong:
        await respond(send, 422, invalid_body(wrong, "query"))
        return
    headers = [(name.lower().encode(), text.encode()) for name, text in sse.HEADERS.items()]
    headers.append((b"content-type", b"text/event-stream"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for i in range(asked["n"]):
        if i and asked["interval_ms"]:
            await asyncio.sleep(asked["interval_ms"] / 1000)
        await send({"type": "http.response.body", "body": sse.event({"i": i}).encode(), "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def numbers(query):
    """The numbers asked for, and which are wrong."""
    given = parse_qs(query, keep_blank_values=True)
    asked = {name: given.get(name, [str(default)])[-1] for name, (default, _, _) in STREAM.items()}
    wrong = [{"loc": (name,)} for name, text in asked.items() if not is_within(text, *STREAM[name][1:])]
    return ({}, wrong) if wrong else ({name: int(text) for name, text in asked.items()}, [])


def is_within(text, low, high):
    return text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high


async def lifespan(receive, send):
    global started
    while True:
        message = await receive()
        started = True
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


ENDPOINTS = {"/": hello, "/sync": hello, "/async": hello, "/test-api": test_api, "/stream": stream}
