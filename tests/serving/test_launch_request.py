"""The response to one request: what comes before it, and what never ends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from webdyno.errors import LaunchFailed
from webdyno.model.workload import Request
from webdyno.serving.launch_request import Answer, HungUp, NeverEnded, ask

FINAL = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Which: final\r\n\r\nok"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nX-Which: hints\r\n\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\r\nContent-Length: 5\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _received(connected: socket.socket) -> bytes:
    # A client that has had enough leaves the rest unread, which resets the connection.
    with suppress(ConnectionResetError):
        return connected.recv(65536)
    return b""


@contextmanager
def server(*pieces: bytes, close: bool = False) -> Iterator[socket.socket]:
    """The client's end of a connection on which a server sends these pieces, each in a packet of its own."""

    def serve() -> None:
        # A client that leaves before it has read everything resets the connection.
        with listener.accept()[0] as accepted, suppress(ConnectionError):
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in pieces:
                accepted.sendall(piece)
            if not close:
                # Until the client closes its end.
                while _received(accepted):
                    pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        with socket.create_connection(listener.getsockname()) as connected:
            yield connected
        thread.join()


def asked(connected: socket.socket, request: Request | None = None, *, within_s: float = 20.0) -> Answer:
    now = time.monotonic()
    return ask(
        connected, "shop.example", request or Request(), started=now, deadline=now + within_s, exited=lambda: False
    )


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("apart", [False, True], ids=["in one packet", "byte by byte"])
@pytest.mark.parametrize(
    "interim",
    [CONTINUE, HINTS, PROCESSING, CONTINUE + HINTS, HINTS * 3, CONTINUE + PROCESSING + HINTS + CONTINUE],
    ids=["100", "103", "102 with a length", "100, 103", "103 three times", "100, 102, 103, 100"],
)
def test_interim_responses_are_skipped(interim: bytes, apart: bool, method: str) -> None:
    final = FINAL.removesuffix(b"ok") if method == "HEAD" else FINAL
    pieces = [bytes([byte]) for byte in interim + final] if apart else [interim + final]
    with server(*pieces) as connected:
        answer = asked(connected, Request(method=method, headers=(("Expect", "100-continue"),), body=b"x"))
    assert (answer.status, answer.body) == (200, b"" if method == "HEAD" else b"ok")
    assert ("X-Which", "final") in answer.headers
    assert "Link" not in dict(answer.headers)


def test_a_switch_to_another_protocol_is_no_interim_response() -> None:
    with server(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n\x00\x00") as connected:
        assert asked(connected).status == 101


def test_interim_responses_without_end_end_at_the_deadline() -> None:
    with server(HINTS * 1000) as connected, pytest.raises(TimeoutError):
        asked(connected, within_s=0.3)


def test_a_connection_that_ends_after_an_interim_response_hung_up() -> None:
    with server(HINTS, close=True) as connected, pytest.raises(HungUp):
        asked(connected)


@pytest.mark.parametrize("size", [70_000, 2**20, 2**24])
def test_a_response_that_comes_before_the_body_was_sent_is_read(size: int) -> None:
    def refuse() -> None:
        with listener.accept()[0] as accepted:
            accepted.recv(1024)
            # What is unread when it closes makes the system reset the connection.
            accepted.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 9\r\n\r\ntoo large")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=refuse)
        thread.start()
        connected = socket.create_connection(listener.getsockname())
        answer = asked(connected, Request(method="POST", body=bytes(size)))
        thread.join()
    assert (answer.status, answer.body) == (413, b"too large")


def test_a_connection_that_is_reset_without_a_response_hung_up() -> None:
    def reset() -> None:
        with listener.accept()[0] as accepted:
            accepted.recv(1024)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=reset)
        thread.start()
        connected = socket.create_connection(listener.getsockname())
        with pytest.raises(HungUp):
            asked(connected, Request(method="POST", body=bytes(2**24)))
        thread.join()


EVENT = b"id: 1\ndata: {}\n\n"
NEVER = {
    "events": ([STREAM, *[chunk(EVENT)] * 12], "headers and 12 events (192 bytes) came"),
    "events in one chunk": ([STREAM + chunk(EVENT * 3)], "headers and 3 events (48 bytes) came"),
    "events and comments": (
        [STREAM + chunk(b": ping\r\n\r\ndata: 1\r\n\r\n: ping\r\n\r\ndata")],
        "headers and 1 events",
    ),
    "no event": ([STREAM], "headers and 0 events (0 bytes) came"),
    "chunks": (
        [STREAM.replace(b"text/event-stream", b"text/plain"), chunk(b"x" * 1500)],
        "headers and 1,500 bytes came",
    ),
    "until the end of the connection": ([b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 99], "headers and 99 bytes came"),
    "a chunk that is cut off": ([STREAM + b"ff\r\ndata: 1\n\nda"], "headers and 1 events"),
    "after an interim response": ([HINTS + STREAM + chunk(EVENT)], "headers and 1 events"),
    "less than announced": ([FINAL.replace(b": 2", b": 5000")], "headers and 2 of 5,000 bytes came"),
}


@pytest.mark.parametrize(("pieces", "words"), NEVER.values(), ids=NEVER.keys())
def test_a_response_that_never_ends_is_told_with_what_came(pieces: list[bytes], words: str) -> None:
    with server(*pieces) as connected, pytest.raises(NeverEnded) as never:
        asked(connected, Request(path="/stream"), within_s=0.5)
    assert words in never.value.message
    assert "it never ended: GET /stream (status 200" in never.value.message
    assert ("raise --timeout" in never.value.remedy) == (" of " in words)


@pytest.mark.parametrize("framing", [b"Content-Length: 500\r\n", b"Transfer-Encoding: chunked\r\n", b""])
@pytest.mark.parametrize(
    ("method", "status"), [("GET", 304), ("GET", 204), ("DELETE", 204), ("HEAD", 200), ("HEAD", 304)]
)
def test_a_response_that_has_no_body_ends_with_its_head(method: str, status: int, framing: bytes) -> None:
    with server(b"HTTP/1.1 %d Status\r\n%b\r\n" % (status, framing)) as connected:
        answer = asked(connected, Request(method=method))
    assert (answer.status, answer.body) == (status, b"")


@pytest.mark.parametrize("body", [b"", b"ok"])
def test_a_response_without_length_on_an_open_connection_is_told_as_such(body: bytes) -> None:
    with server(b"HTTP/1.1 200 OK\r\n\r\n" + body) as connected, pytest.raises(NeverEnded) as never:
        asked(connected, within_s=0.3)
    assert "neither Content-Length nor chunks" in never.value.remedy


def test_a_body_of_more_than_is_kept_is_counted_while_it_trickles() -> None:
    size = 17 * 2**20
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with server(head + bytes(size), b"x") as connected, pytest.raises(NeverEnded, match=f"{size + 1:,} bytes came"):
        asked(connected, within_s=3.0)


@pytest.mark.parametrize("content_type", [b"text/event-stream\x1b[31m", b"x" * 5000], ids=["escape", "long"])
def test_what_is_told_of_a_response_that_never_ends_is_fit_for_a_terminal(content_type: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: " + content_type + b"\r\n\r\n"
    with server(head) as connected, pytest.raises(NeverEnded) as never:
        asked(connected, within_s=0.3)
    assert never.value.message.isprintable()
    assert len(never.value.message) < 300


def test_bytes_that_are_no_http_are_still_told_as_such() -> None:
    with (
        server(b"SSH-2.0-OpenSSH_9\r\n" * 9, close=True) as connected,
        pytest.raises(LaunchFailed, match=r"not HTTP/1\.1"),
    ):
        asked(connected)


@pytest.mark.parametrize(
    ("headers", "host"), [((), "shop.example"), ((("HOST", "other.example"),), "other.example"), ((("Host", ""),), "")]
)
def test_an_answer_knows_by_which_host_it_was_asked(headers: tuple[tuple[str, str], ...], host: str) -> None:
    with server(FINAL) as connected:
        assert asked(connected, Request(headers=headers)).host == host
