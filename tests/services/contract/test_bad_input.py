"""Bad input gets the contract's error, and the service is as well as before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .checks import ARTICULO, is_error, is_invalid, is_json
from .client import Client, multipart
from .matrix import Held

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def still_well(client: Client) -> Iterator[None]:
    """It answers afterwards, and has neither died nor been replaced."""
    before = client.get("/test-api").json["pid"]
    yield
    is_json(client.get("/"), 200, {"message": "Hello, World!"})
    assert client.get("/test-api").json["pid"] == before


def needs(stack: Held, part: str) -> None:
    if part not in stack.parts:
        pytest.skip(f"{stack.notation} has no {part}")


NO_JSON = {
    "empty": b"",
    "cut off": b'{"nombre": "silla", "precio": 1',
    "nested": b"[" * 200_000,
    "digits": b'{"precio": ' + b"9" * 5000 + b"}",
    "no UTF-8": b'{"nombre": "\xff\xff"}',
    "form": b"nombre=silla&precio=1",
}


@pytest.mark.parametrize("kind", NO_JSON)
def test_a_body_that_is_no_json_is_refused(client: Client, stack: Held, kind: str) -> None:
    needs(stack, "articulos")
    is_error(client.post_text("/articulos/", NO_JSON[kind]), 400)
    is_error(client.post_text("/articulos/lote", NO_JSON[kind]), 400)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "json", ""]
)
def test_another_content_type_is_refused(client: Client, stack: Held, content_type: str) -> None:
    needs(stack, "articulos")
    is_error(client.post_text("/articulos/", b"{", content_type), 415)
    is_error(client.ask("POST", "/articulos/", b"{}"), 415)


def test_a_content_type_with_parameters_is_taken(client: Client, stack: Held) -> None:
    needs(stack, "articulos")
    body = b'{"nombre": "silla", "precio": 19.5, "en_stock": true}'
    is_json(client.post_text("/articulos/", body, "Application/JSON; charset=utf-8"), 201, ARTICULO)


def test_a_body_that_is_announced_as_too_long_is_refused_before_it_is_read(client: Client, stack: Held) -> None:
    needs(stack, "articulos")
    if "wrap=asgiref" in stack.notation:
        pytest.skip("asgiref reads the whole body before it asks the app")
    # Falcon waits for the first piece of a body, whatever it does then.
    piece = b" " if stack.notation == "falcon-asgi" else b""
    for size in (MIB + 1, 10 * MIB, 10**15):
        head = (
            f"POST /articulos/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
        )
        with client.send_raw(head.encode() + piece) as connection:
            assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_is_too_long_is_refused(client: Client, stack: Held) -> None:
    needs(stack, "articulos")
    is_error(client.post_text("/articulos/", b" " * 10 * MIB), 413)
    is_error(client.post_text("/articulos/lote", b" " * (MIB + 1)), 413)
    is_error(client.post_text("/articulos/", b" " * MIB), 400)


def test_a_body_in_chunks_is_taken_up_to_the_limit_and_refused_beyond_it(client: Client, stack: Held) -> None:
    needs(stack, "articulos")
    head = {"Content-Type": "application/json"}
    pieces = [b'{"nombre": "silla",', b'"precio": 19.5,', b'"en_stock": true}']
    if "wrap=" in stack.notation or stack.notation == "django-wsgi":
        is_error(client.ask("POST", "/articulos/", iter(pieces), head), 400)
        return
    is_json(client.ask("POST", "/articulos/", iter(pieces), head), 201, ARTICULO)
    is_error(client.ask("POST", "/articulos/", (b" " * 65536 for _ in range(160)), head), 413)


def test_an_upload_that_is_too_long_is_refused(client: Client, stack: Held) -> None:
    needs(stack, "upload")
    body, content_type = multipart(bytes(16 * MIB))
    is_error(client.post_text("/upload", body, content_type), 413)


def test_an_upload_that_is_cut_off_is_refused(client: Client, stack: Held) -> None:
    needs(stack, "upload")
    body, content_type = multipart(bytes(100_000))
    for length in (0, 10, 60, 200, 50_000, len(body) - 12):
        is_invalid(client.post_text("/upload", body[:length], content_type), "body.file")


@pytest.mark.parametrize("path", ["/articulos/", "/upload", "/jobs", "/"])
def test_a_client_that_goes_away_under_way_does_no_harm(client: Client, stack: Held, path: str) -> None:
    body, content_type = multipart(bytes(100_000)) if path == "/upload" else (b'{"nombre": "s', "application/json")
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {content_type}\r\nContent-Length: 120000\r\n\r\n".encode()
    for sent in (b"", b"P", head[:20], head, head + body):
        client.send_raw(sent).close()


def test_a_stream_that_nobody_reads_to_its_end_does_no_harm(client: Client, stack: Held) -> None:
    for _ in range(3):
        with client.send_raw(b"GET /stream?n=10000 HTTP/1.1\r\nHost: x\r\n\r\n") as connection:
            connection.recv(100)


def test_a_client_that_sends_slowly_is_answered(client: Client, stack: Held) -> None:
    needs(stack, "articulos")
    body = b'{"nombre": "silla", "precio": 19.5, "en_stock": true}'
    head = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    is_json(client.ask("POST", "/articulos/", slowly(body), head), 201, ARTICULO)


def slowly(body: bytes) -> Iterator[bytes]:
    """One byte at a time, each in a packet of its own."""
    for i in range(len(body)):
        yield body[i : i + 1]
