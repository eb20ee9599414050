"""`webdyno load` over TLS, Unix sockets and IPv6, with and without keep-alive; what the server gets to see."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.loadgen.server import Exchange, ScriptedServer, answer, good
from webdyno.model.target import parse_target

from .conftest import Call
from .measured import assert_measured
from .test_load import QUICK

needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that signs itself, for 127.0.0.1, with its key in the same file."""
    both = tmp_path_factory.mktemp("tls") / "both.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test"
    command += " -addext subjectAltName=IP:127.0.0.1"
    made = subprocess.run([*command.split(), "-keyout", "-"], check=True, capture_output=True)
    both.write_bytes(made.stdout)
    return both


@pytest.fixture(scope="module")
def served(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def heads() -> Iterator[tuple[int, list[list[tuple[str, str]]]]]:
    """A server on a port, and the headers of every request that it got."""
    seen: list[list[tuple[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            seen.append(self.headers.items())
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port, seen
        server.shutdown()
        thread.join()


@needs_openssl
@pytest.mark.parametrize("trust", ["--ca", "--insecure"])
def test_a_server_is_loaded_over_tls(call: Call, served: ssl.SSLContext, certificate: Path, trust: str) -> None:
    with ScriptedServer(good, tls=served) as server:
        given = [trust, str(certificate)] if trust == "--ca" else [trust]
        done = call("load", f"https://127.0.0.1:{server.port}/", *QUICK, *given, "--json")
    assert_measured(done)
    document = json.loads(done.stdout)
    assert document["result"]["ok"] > 0
    assert document["result"]["failures"] == {}
    assert document["insecure"] == (trust == "--insecure")


@needs_openssl
def test_the_first_answer_over_tls_may_come_in_pieces_that_end_anywhere(call: Call, served: ssl.SSLContext) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (size, b"x" * size) for size in (1, 20_000, 3, 40_000)) + b"0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    def in_records(exchange: Exchange) -> None:
        # Each send is a record of its own; the second begins with the data of a chunk.
        exchange.send(head + b"1\r\n")
        exchange.send(chunks[3:])

    with ScriptedServer(in_records, tls=served) as server:
        done = call("load", f"https://127.0.0.1:{server.port}/", *QUICK, "--insecure", "--timeout", "5s")
    assert_measured(done)


@needs_openssl
def test_a_certificate_that_is_not_trusted_is_said_with_both_ways_out(call: Call, served: ssl.SSLContext) -> None:
    with ScriptedServer(good, tls=served) as server:
        done = call("load", f"https://127.0.0.1:{server.port}/", *QUICK)
        assert server.counts["requests"] == 0
    assert done.returncode == 3
    assert "self-signed certificate" in done.stderr
    assert "--ca FILE" in done.stderr
    assert "--insecure" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""], ids=["answers", "waits"])
def test_tls_asked_of_a_plain_port_says_to_write_http(call: Call, greeting: bytes) -> None:
    with ScriptedServer(good, greeting=greeting) as server:
        done = call("load", f"https://127.0.0.1:{server.port}/", *QUICK, "--timeout", "0.3s")
    assert done.returncode == 3
    assert "TLS" in done.stderr
    assert f"write http://127.0.0.1:{server.port}/;" in done.stderr


@needs_openssl
def test_plain_http_asked_of_a_tls_port_says_to_write_https(call: Call, served: ssl.SSLContext) -> None:
    with ScriptedServer(good, tls=served) as server:
        done = call("load", f"http://127.0.0.1:{server.port}/shop", *QUICK)
    assert done.returncode == 3
    assert f"write https://127.0.0.1:{server.port}/shop" in done.stderr


def test_a_ca_file_without_certificates_is_refused(call: Call, in_folder: Path) -> None:
    (in_folder / "ca.pem").write_text("nothing")
    with ScriptedServer(good) as server:
        done = call("load", f"https://127.0.0.1:{server.port}/", *QUICK, "--ca", "ca.pem")
    assert done.returncode == 2
    assert "ca.pem cannot be read" in done.stderr


def test_a_server_is_loaded_over_a_unix_socket(call: Call, in_folder: Path) -> None:
    with ScriptedServer(good, path=str(in_folder / "s")) as server:
        done = call("load", "http://shop.invalid/", *QUICK, "--unix-socket", "s", "--json")
        assert server.counts["requests"] > 2
    assert_measured(done)
    document = json.loads(done.stdout)
    assert document["unix_socket"] == document["address"] == "s"


@pytest.mark.parametrize("path", ["missing", "x" * 200])
def test_a_unix_socket_that_takes_no_connection_is_named(call: Call, path: str) -> None:
    done = call("load", "http://localhost/", *QUICK, "--unix-socket", path)
    assert done.returncode == 3
    assert "takes no connection" in done.stderr
    assert path[:50] in done.stderr


def test_a_stream_that_never_ends_is_told_with_its_events(call: Call) -> None:
    def streams(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + b"data: 1\n\n" * 12)

    with ScriptedServer(streams) as server:
        done = call("load", f"http://127.0.0.1:{server.port}/events", *QUICK, "--timeout", "0.4s")
    assert done.returncode == 3
    assert "headers and 12 events (108 bytes) came" in done.stderr
    assert "name an endpoint that ends" in done.stderr


def test_headers_go_out_as_typed_before_the_load_and_in_it(call: Call) -> None:
    def script(exchange: Exchange) -> None:
        seen.add(exchange.head)
        # As a server does that has the request's head already and the response's not yet.
        exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" + answer())

    seen: set[bytes] = set()
    given = [
        "host: [::1]:80",
        "Host-Name: Gr\u00fc\u00dfe \udcff",
        "Connection: close",
        "Content-Length: 5",
        "Expect: 100-continue",
    ]
    with ScriptedServer(script) as server:
        options = [part for text in given for part in ("--header", text)]
        url = f"http://127.0.0.1:{server.port}/"
        done = call("load", url, *QUICK, *options, "--method", "PUT", "--body", "hello", "--json")
    assert_measured(done)
    typed = [b"host: [::1]:80", b"Host-Name: Gr\xc3\xbc\xc3\x9fe \xff", *(text.encode() for text in given[2:])]
    assert seen == {b"\r\n".join([b"PUT / HTTP/1.1", b"User-Agent: webdyno", b"Accept: */*", *typed])}
    document = json.loads(done.stdout)
    assert document["keep_alive"] is False
    assert document["result"]["reconnects"] == 0
    assert document["result"]["connects"] > 2


@pytest.mark.parametrize("host", ["x y", "[::", "a:b"])
def test_a_host_header_that_names_no_host_is_refused(call: Call, host: str) -> None:
    with ScriptedServer(good) as server:
        done = call("load", f"http://127.0.0.1:{server.port}/", *QUICK, "--header", f"Host: {host}")
        assert server.counts["requests"] == 0
    assert done.returncode == 2
    assert "names no host" in done.stderr


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://shop.test/", "shop.test"),
        ("http://shop.test:80/", "shop.test"),
        ("http://shop.test:443/", "shop.test:443"),
        ("https://shop.test/", "shop.test"),
        ("https://shop.test:443/", "shop.test"),
        ("https://shop.test:80/", "shop.test:80"),
        ("HTTPS://[::1]/", "[::1]"),
        ("https://[::1]:8443/", "[::1]:8443"),
    ],
)
def test_the_host_header_leaves_out_the_port_of_the_scheme_only(url: str, authority: str) -> None:
    assert parse_target(url).authority == authority


def test_an_ipv6_address_is_loaded(call: Call) -> None:
    with ScriptedServer(good, "::1") as server:
        done = call("load", f"http://[::1]:{server.port}/", *QUICK, "--json")
    assert_measured(done)
    assert json.loads(done.stdout)["address"] == f"[::1]:{server.port}"


@pytest.mark.parametrize(("options", "each"), [(["--no-keep-alive"], 1), (["--requests-per-connection", "3"], 3)])
def test_a_connection_carries_no_more_requests_than_asked_for(call: Call, options: list[str], each: int) -> None:
    def slow(exchange: Exchange) -> None:
        turns.append(exchange.turn)
        exchange.send(answer(headers="Connection: close\r\n") if each == 1 else answer())

    turns: list[int] = []
    with ScriptedServer(slow) as server:
        done = call("load", f"http://127.0.0.1:{server.port}/", "-r", "60", *QUICK, *options)
    assert_measured(done)
    assert max(turns) == each - 1


def test_the_server_gets_every_header_and_the_secret_is_shown_nowhere(
    call: Call, in_folder: Path, heads: tuple[int, list[list[tuple[str, str]]]]
) -> None:
    port, seen = heads
    (in_folder / "secret").write_text("me:xyzzy\n")
    given = ("--header", "X-Tag: a", "--header", "X-Tag: b", "--user", "@secret", "--compressed")
    done = call("load", f"http://127.0.0.1:{port}/", *QUICK, *given, "--json")
    assert_measured(done)
    assert len(seen) > 2
    for headers in seen:
        assert [value for name, value in headers if name == "X-Tag"] == ["a", "b"]
        assert ("Authorization", "Basic bWU6eHl6enk=") in headers
        assert ("Accept-Encoding", "gzip, deflate") in headers
        assert [value for name, value in headers if name == "Host"] == [f"127.0.0.1:{port}"]
    assert "xyzzy" not in done.stdout + done.stderr
    assert "bWU6" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("options", "scheduled"),
    [
        (["--ramp", "0:200", "--arrivals", "constant", "-d", "0.5s"], 50),
        (["--steps", "100:200ms,0:100ms,50:200ms", "--arrivals", "constant"], 30),
        (["--burst", "20:100ms", "-d", "0.5s"], 100),
        (["--replay", "arrivals", "-d", "0.3s"], 3),
    ],
)
def test_the_arrivals_of_a_profile_are_all_accounted_for(
    call: Call, in_folder: Path, options: list[str], scheduled: int
) -> None:
    (in_folder / "arrivals").write_text("0.1\n0.1\n0.2\n0.9\n")
    with ScriptedServer(good) as server:
        done = call("load", f"http://127.0.0.1:{server.port}/", *options, "--warmup", "0s", "--json")
    assert_measured(done)
    document = json.loads(done.stdout)
    assert abs(document["result"]["scheduled"] - scheduled) <= 1
    assert document["load"]["profile"]["kind"] == options[0].removeprefix("--").removesuffix("s") + (
        "s" if options[0] == "--steps" else ""
    )
