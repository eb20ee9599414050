"""What Quart counts, or drops, in its own way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from .checks import is_error, is_json, websocket
from .client import Client, multipart
from .conftest import started
from .upstreams import Upstream

MIB = 1024 * 1024
ABC = {"bytes": 3, "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with started("quart", {}) as found:
        yield found


@pytest.mark.parametrize("mib", [16, 40])
def test_an_upload_in_chunks_that_is_too_long_is_refused(client: Client, mib: int) -> None:
    body, content_type = multipart(bytes(mib * MIB))
    pieces = (body[at : at + MIB] for at in range(0, len(body), MIB))
    is_error(client.ask("POST", "/upload", pieces, {"Content-Type": content_type}), 413)


def test_an_upload_in_chunks_is_taken_up_to_the_limit(client: Client) -> None:
    body, content_type = multipart(b"abc")
    is_json(client.ask("POST", "/upload", iter([body[:40], body[40:]]), {"Content-Type": content_type}), 200, ABC)


def test_another_part_is_ignored_however_long_it_is(client: Client) -> None:
    file, content_type = multipart(b"abc")
    other = b'--webdyno\r\nContent-Disposition: form-data; name="other"\r\n\r\n' + b"x" * MIB + b"\r\n"
    is_json(client.post_text("/upload", other + file, content_type), 200, ABC)


def test_an_empty_binary_message_ends_its_websocket_and_no_other(client: Client, upstream: Upstream) -> None:
    with connect(f"ws://127.0.0.1:{client.port}/ws") as opened:
        opened.send(b"")
        with pytest.raises(ConnectionClosed):
            opened.recv(timeout=10)
    websocket(client, upstream)
