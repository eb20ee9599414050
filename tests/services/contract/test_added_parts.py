"""What parts add to a service: compression, foreign origins; and what is missing without an upstream."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest

from .checks import CHECKS, is_error, is_json
from .client import Client
from .conftest import started
from .matrix import ADDED, DECLARED
from .upstreams import Upstream

ORIGIN = "https://shop.example"
APPS = [name for name, entry in DECLARED.items() if "fanout" in entry["has"]]  # type: ignore[operator]


@pytest.fixture(scope="module", params=APPS)
def app(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def client(app: str) -> Iterator[Client]:
    """Of the service with all that can be added to it."""
    with started(f"{app}?with={','.join(ADDED[app])}" if ADDED[app] else app, {}) as found:
        yield found


def needs(app: str, part: str) -> None:
    if part not in (*DECLARED[app]["has"], *ADDED[app]):  # type: ignore[misc]
        pytest.skip(f"{app} has no {part}")


def test_long_answers_are_compressed_for_those_who_accept_it(client: Client, app: str) -> None:
    needs(app, "gzip")
    plain, packed = client.get("/articulos/?limit=100"), client.get("/articulos/?limit=100", Accept_Encoding="gzip")
    assert (packed.headers["Content-Encoding"], plain.headers["Content-Encoding"]) == ("gzip", None)
    assert gzip.decompress(packed.body) == plain.body and len(packed.body) < len(plain.body) / 4
    assert "accept-encoding" in packed.headers["Vary"].lower()
    assert client.get("/", Accept_Encoding="gzip").headers["Content-Encoding"] is None
    assert client.get("/articulos/?limit=100", Accept_Encoding="identity").headers["Content-Encoding"] is None


def test_one_foreign_origin_may_read_the_answers(client: Client, app: str) -> None:
    needs(app, "cors")
    for path in ("/", "/nowhere"):
        assert client.get(path, Origin=ORIGIN).headers["Access-Control-Allow-Origin"] == ORIGIN
    assert client.get("/", Origin="http://other.test").headers["Access-Control-Allow-Origin"] != "http://other.test"
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    answer = client.ask("OPTIONS", "/articulos/", headers=asked)
    assert answer.status in (200, 204) and answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "content-type" in answer.headers["Access-Control-Allow-Headers"].lower()


@pytest.mark.parametrize("part", ["hello", "items", "articulos", "stream", "upload"])
def test_the_contract_holds_with_all_of_them(client: Client, app: str, part: str, upstream: Upstream) -> None:
    needs(app, part)
    if not ADDED[app]:
        pytest.skip(f"{app} is as it always is")
    CHECKS[part](client, upstream)


def test_without_an_upstream_the_service_says_so(client: Client) -> None:
    for mode in ("sequential", "threads", "async"):
        is_error(client.get(f"/fanout?mode={mode}"), 503)
    is_json(client.get("/"), 200, {"message": "Hello, World!"})


def test_parts_are_added_beneath_a_wrapper_too() -> None:
    with started("flask@uvicorn?wrap=a2wsgi&with=gzip,cors", {}) as client:
        answer = client.get("/articulos/?limit=100", Origin=ORIGIN, Accept_Encoding="gzip")
    assert gzip.decompress(answer.body).startswith(b"[")
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)
