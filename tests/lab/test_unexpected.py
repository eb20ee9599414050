"""What helps where a first answer has another status than the one wanted."""

from __future__ import annotations

import pytest

from webdyno.errors import ContractBroken
from webdyno.lab.contract import learn_expected
from webdyno.lab.learn_status import learn_status
from webdyno.lab.unexpected import in_words, path_there
from webdyno.model.target import parse_target
from webdyno.model.workload import Expected, Request, Workload
from webdyno.serving.launch_request import Answer

HOST = "shop.example:8000"


def redirect(to: str, status: int = 301) -> Answer:
    return Answer(status, (("LOCATION", to),), b"", False, 0.1, HOST)


@pytest.mark.parametrize(
    ("to", "path"),
    [
        ("/ping/", "/ping/"),
        ("/ping/?next=%2F", "/ping/?next=%2F"),
        ("ping/", "/api/ping/"),
        ("?page=1", "/api/ping?page=1"),
        (f"http://{HOST}/ping/", "/ping/"),
        (f"HTTP://{HOST.upper()}/ping/#top", "/ping/"),
        (f"http://{HOST}", "/"),
        ("/api/ping", None),
        (f"https://{HOST}/ping/", None),
        ("http://shop.example/ping/", None),
        ("//other.example/ping/", None),
        ("http://[::", None),
        ("/\u00fc", None),
        ("", None),
    ],
)
def test_a_redirect_to_another_path_of_the_same_host_names_it(to: str, path: str | None) -> None:
    assert path_there(redirect(to), Request(path="/api/ping")) == path


@pytest.mark.parametrize("status", [200, 201, 404])
def test_a_location_means_a_redirect_with_a_status_of_3xx_only(status: int) -> None:
    assert path_there(redirect("/ping/", status), Request(path="/ping")) is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"Invalid host header", ("the response says: Invalid host header",)),
        (
            b"\n<!doctype html>\n<html>\n<title>Bad\n Request (400)</title><p></p>",
            ("the response says: Bad Request (400)",),
        ),
        (b"<style>b { x: <3 }</style><h1>DisallowedHost</h1><script>1 < 2", ("the response says: DisallowedHost",)),
        (b'{"detail": "a < b"}', ('the response says: {"detail": "a < b"}',)),
        (b"\xff\x1b[31m", ("the response says: \ufffd\\x1b[31m",)),
        (b" \n<p></p> ", ()),
        (b"", ()),
    ],
)
def test_a_body_is_told_by_its_words(body: bytes, words: tuple[str, ...]) -> None:
    assert in_words(Answer(400, (), body, False, 0.1)) == words


@pytest.mark.parametrize("body", [b"<" * 10**6, b"<style>" * 10**5, b"<style " * 10**5, b"x" * 10**7])
def test_a_body_made_to_be_slow_to_read_is_told_in_a_line(body: bytes) -> None:
    assert all(len(line) < 150 for line in in_words(Answer(400, (), body, False, 0.1)))


def broken(answer: Answer, *headers: tuple[str, str]) -> tuple[ContractBroken, ContractBroken]:
    """What `compare` and `gate` say of it, and what `load` does."""
    request = Request(path="/ping", headers=headers)
    with pytest.raises(ContractBroken) as compared:
        learn_expected(Workload(name="own request", request=request), [answer])
    with pytest.raises(ContractBroken) as loaded:
        learn_status(answer, Expected(status=None), parse_target(f"http://{HOST}/ping"), request)
    return compared.value, loaded.value


def test_a_redirect_is_told_with_its_location_and_the_path_to_use() -> None:
    compared, loaded = broken(redirect("/ping/"))
    assert "status 301 and Location: /ping/, where any 2xx is expected" in compared.message
    assert compared.remedy == "ask for the page itself: --path /ping/"
    assert "status 301 and Location: /ping/, where any 2xx is expected" in loaded.message
    assert f"http://{HOST}/ping/" in loaded.remedy


def test_a_path_that_a_shell_would_read_is_quoted() -> None:
    compared, _ = broken(redirect("/ping?a=1&b=2"))
    assert compared.remedy.endswith("--path '/ping?a=1&b=2'")


def test_a_redirect_elsewhere_is_told_without_a_path() -> None:
    for error in broken(redirect("https://login.example/")):
        assert "Location: https://login.example/" in error.message
        assert "ask for the page" not in error.remedy


@pytest.mark.parametrize("status", [400, 421])
def test_a_refusal_that_may_be_of_our_host_names_the_header(status: int) -> None:
    refusal = Answer(status, (), b"Invalid host header", False, 0.1, HOST)
    for error in broken(refusal):
        assert "--header 'Host: NAME'" in error.remedy
        assert error.details == ("the response says: Invalid host header",)
    for error in broken(refusal, ("host", HOST)):
        assert "--header 'Host: NAME'" not in error.remedy
