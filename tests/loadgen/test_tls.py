"""Load over TLS: whom it trusts, and what a failed handshake is."""

import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from webdyno.errors import EngineFailed
from webdyno.loadgen.generator import LoadGenerator
from webdyno.loadgen.job import LoadJob
from webdyno.model.load import ClosedLoad, Load, OpenLoad
from webdyno.model.tls import Tls
from webdyno.model.workload import Expected, Request

from .conftest import EXPECTED, Measure, make_job
from .server import Exchange, ScriptedServer, answer, good
from .websocket_server import MESSAGE, echo, speaks

pytestmark = [
    pytest.mark.paced,
    pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate"),
]
LOADS: list[Load] = [ClosedLoad(connections=3), OpenLoad(rate=100, arrivals="constant")]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that signs itself, for 127.0.0.1 and shop.test, with its key in the same file."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test"
    command += " -addext subjectAltName=IP:127.0.0.1,DNS:shop.test"
    subprocess.run(
        [*command.split(), "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True,
        capture_output=True,
    )
    both = folder / "both.pem"
    both.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return both


@pytest.fixture(scope="module")
def served(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def tls_job(port: int, tls: Tls, load: Load | None = None, expected: Expected = EXPECTED) -> LoadJob:
    return make_job(port, load, expected=expected, timeout=1).model_copy(update={"tls": tls})


@pytest.mark.parametrize("load", LOADS, ids=str)
def test_a_server_with_a_trusted_certificate_is_measured(
    measure: Measure, served: ssl.SSLContext, certificate: Path, load: Load
) -> None:
    with ScriptedServer(good, tls=served) as server:
        result = measure(tls_job(server.port, Tls(ca_file=str(certificate)), load))
        assert result.ok == result.scheduled == server.counts["requests"] > 0
        # Session tickets that come unasked are no reason to drop a connection.
        assert server.counts["connections"] <= load.connections
        assert result.reconnects == 0


@pytest.mark.parametrize(
    ("tls", "said"),
    [
        (Tls(), "certificate"),
        (Tls(ca_file="CERTIFICATE", server_name="other.test"), "certificate"),
        (Tls(ca_file="CERTIFICATE", server_name="shop.test"), ""),
        (Tls(insecure=True), ""),
        (Tls(insecure=True, server_name="other.test"), ""),
    ],
    ids=str,
)
def test_certificates_are_verified_unless_told_otherwise(
    measure: Measure, served: ssl.SSLContext, certificate: Path, tls: Tls, said: str
) -> None:
    if tls.ca_file:
        tls = tls.model_copy(update={"ca_file": str(certificate)})
    with ScriptedServer(good, tls=served) as server:
        result = measure(tls_job(server.port, tls))
    if said:
        assert set(result.failures) == {"connect"}
        assert result.ok == 0
        assert said in result.failure_samples[0].detail
    else:
        assert result.ok == result.scheduled > 0


def test_a_server_without_tls_is_a_failed_connection(measure: Measure) -> None:
    def not_tls(exchange: Exchange) -> None:
        raise AssertionError

    with ScriptedServer(not_tls, greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n") as server:
        result = measure(tls_job(server.port, Tls(insecure=True)))
    assert set(result.failures) == {"connect"}
    assert "handshake failed" in result.failure_samples[0].detail


def test_a_large_answer_comes_whole(measure: Measure, served: ssl.SSLContext) -> None:
    body = bytes(range(256)) * 8_000

    def large(exchange: Exchange) -> None:
        exchange.send(answer(body=body))

    with ScriptedServer(large, tls=served) as server:
        expected = Expected(status=200, length=len(body), body=body)
        result = measure(tls_job(server.port, Tls(insecure=True), ClosedLoad(connections=2), expected))
    assert result.ok == result.scheduled > 0


@pytest.mark.parametrize("load", LOADS, ids=str)
def test_a_websocket_is_opened_over_tls_and_carries_messages(
    measure: Measure, served: ssl.SSLContext, certificate: Path, load: Load
) -> None:
    with ScriptedServer(speaks(echo), tls=served) as server:
        expected = Expected(status=101, length=len(MESSAGE), body=MESSAGE)
        job = tls_job(server.port, Tls(ca_file=str(certificate)), load, expected)
        request = Request(path="/ws", body=MESSAGE, websocket=True)
        result = measure(job.model_copy(update={"request": request}))
        counts = server.counts
    assert result.failures == {}
    assert result.ok == result.scheduled == counts["messages"] > 10
    assert counts["connections"] <= load.connections
    assert result.reconnects == 0


def test_certificates_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("none")
    with LoadGenerator() as generator:
        for name in ("none.pem", "missing.pem"):
            with pytest.raises(EngineFailed, match="cannot be read"):
                generator.run(tls_job(1, Tls(ca_file=str(tmp_path / name))))


class _SlowHandshake(ScriptedServer):
    def _serve(self, sock: socket.socket) -> None:
        time.sleep(0.15)
        super()._serve(sock)


def test_where_each_request_needs_a_connection_opening_it_is_part_of_its_turn(
    generator: LoadGenerator, served: ssl.SSLContext
) -> None:
    """0.15 s to open a connection and 0.15 s to answer: 6 connections carry 20/s, whatever the window cuts."""

    def once(exchange: Exchange) -> None:
        time.sleep(0.15)
        exchange.send(answer(headers="Connection: close\r\n"))
        exchange.close()

    rates = []
    for seed in range(3):
        with _SlowHandshake(once, tls=served) as server:
            job = make_job(server.port, ClosedLoad(connections=6), seconds=0.5, warmup=0.05, seed=seed)
            asked = {"tls": Tls(insecure=True), "keep_alive": False}
            result = generator.run(job.model_copy(update=asked))
        assert result.failures == {}
        assert result.cycle_s(6) == pytest.approx(6 / result.throughput)
        assert result.warmup_s is not None
        assert result.warmup_s >= 0.6, "until all are spread over a whole turn"
        rates.append(result.throughput)
    assert 0.75 * 20 < sum(rates) / 3 < 1.04 * 20
