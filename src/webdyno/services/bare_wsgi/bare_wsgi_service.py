"""The contract with no framework at all: what a WSGI server itself costs."""

import json
import time
from urllib.parse import parse_qs

from webdyno_shared import sse
from webdyno_shared.about import about
from webdyno_shared.errors import PHRASES, error_body, invalid_body

STREAM = {"n": (100, 1, 10_000), "interval_ms": (0, 0, 1000)}


def app(environ, start_response):
    endpoint = ENDPOINTS.get(environ["PATH_INFO"])
    if endpoint is None:
        return respond(start_response, 404, error_body(404))
    if environ["REQUEST_METHOD"] != "GET":
        return respond(start_response, 405, error_body(405), ("Allow", "GET"))
    return endpoint(environ, start_response)


def respond(start_response, status, document, *headers):
    body = json.dumps(document).encode()
    length = str(len(body))
    phrase = PHRASES.get(status, "OK")
    start_response(f"{status} {phrase}", [("Content-Type", "application/json"), ("Content-Length", length), *headers])
    return [body]


def hello(environ, start_response):
    return respond(start_response, 200, {"message": "Hello, World!"})


def test_api(environ, start_response):
    return respond(start_response, 200, about(None, lifespan=False))


def stream(environ, start_response):
    asked, wrong = numbers(environ["QUERY_STRING"])
    if wrong:
        return respond(start_response, 422, invalid_body(wrong, "query"))
    start_response("200 OK", [("Content-Type", "text/event-stream"), *sse.HEADERS.items()])
    return counted(**asked)


def counted(n, interval_ms):
    for i in range(n):
        if i and interval_ms:
            time.sleep(interval_ms / 1000)
        yield sse.event({"i": i}).encode()


def numbers(query):
    """The numbers asked for, and which are wrong."""
    given = parse_qs(query, keep_blank_values=True)
    asked = {name: given.get(name, [str(default)])[-1] for name, (default, _, _) in STREAM.items()}
    wrong = [{"loc": (name,)} for name, text in asked.items() if not is_within(text, *STREAM[name][1:])]
    return ({}, wrong) if wrong else ({name: int(text) for name, text in asked.items()}, [])


def is_within(text, low, high):
    return text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high


ENDPOINTS = {"/": hello, "/sync": hello, "/async": hello, "/test-api": test_api, "/stream": stream}
