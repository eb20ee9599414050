"""From a parsed notation to a checked stack."""

from __future__ import annotations

import pytest

from webdyno.errors import NotationError
from webdyno.model.notation import parse_notation
from webdyno.model.run import Interface
from webdyno.stacks.resolve import Resolved, check_names, resolve


def resolved(text: str, interface: Interface | None = None) -> Resolved:
    return resolve(parse_notation(text), interface)


@pytest.mark.parametrize(
    ("text", "server", "mode", "options"),
    [
        ("flask", "gunicorn", "sync", {"workers": "1"}),
        ("fastapi", "uvicorn", "", {"workers": "1", "keep_alive": "75"}),
        ("flask?wrap=a2wsgi", "uvicorn", "", {"workers": "1", "keep_alive": "75"}),
        (
            "flask@gunicorn?workers=2&threads=8",
            "gunicorn",
            "gthread",
            {"workers": "2", "threads": "8", "keep_alive": "75"},
        ),
        (
            "flask@gunicorn?worker_class=gthread",
            "gunicorn",
            "gthread",
            {"workers": "1", "threads": "1", "keep_alive": "75"},
        ),
        ("flask@gunicorn?keep_alive=5", "gunicorn", "gthread", {"workers": "1", "threads": "1", "keep_alive": "5"}),
        ("flask@gunicorn?timeout=007", "gunicorn", "sync", {"workers": "1", "timeout": "7"}),
        ("quart@gunicorn?worker_class=uvicorn", "gunicorn", "uvicorn", {"workers": "1", "keep_alive": "75"}),
        ("flask@gunicorn?worker_class=asgi&wrap=asgiref", "gunicorn", "asgi", {"workers": "1", "keep_alive": "75"}),
        ("flask@hypercorn", "hypercorn", "uvloop", {"workers": "1", "keep_alive": "75"}),
        ("quart@hypercorn?worker_class=asyncio", "hypercorn", "asyncio", {"workers": "1", "keep_alive": "75"}),
        ("flask@granian", "granian", "", {"workers": "1", "runtime_threads": "1", "blocking_threads": "1"}),
        ("fastapi@granian?loop=asyncio", "granian", "", {"workers": "1", "runtime_threads": "1", "loop": "asyncio"}),
        ("flask@waitress?threads=4", "waitress", "", {"threads": "4", "channel_timeout": "75"}),
        ("sanic", "sanic", "", {"workers": "1"}),
        ("sanic@sanic?workers=3", "sanic", "", {"workers": "3"}),
        ("sanic@uvicorn", "uvicorn", "", {"workers": "1", "keep_alive": "75"}),
        ("sanic@gunicorn?worker_class=uvicorn", "gunicorn", "uvicorn", {"workers": "1", "keep_alive": "75"}),
        ("aiohttp", "aiohttp", "uvloop", {"workers": "1", "keep_alive": "75"}),
        (
            "aiohttp@aiohttp?worker_class=asyncio&keep_alive=9",
            "aiohttp",
            "asyncio",
            {"workers": "1", "keep_alive": "9"},
        ),
        ("aiohttp@gunicorn?workers=2", "gunicorn", "aiohttp", {"workers": "2", "keep_alive": "75"}),
        ("fastapi==0.110.0@uvicorn==0.30.0?python=python3", "uvicorn", "", {"workers": "1", "keep_alive": "75"}),
    ],
)
def test_a_stack_gets_its_server_mode_and_defaults(text: str, server: str, mode: str, options: dict[str, str]) -> None:
    result = resolved(text)
    assert (result.server.name, result.mode.name, result.options) == (server, mode, options)


@pytest.mark.parametrize(
    ("interface", "server", "served_as"),
    [
        ("wsgi", "gunicorn", "wsgi"),
        ("asgi", "uvicorn", "asgi"),
        ("sanic", "sanic", "sanic"),
        ("aiohttp", "aiohttp", "aiohttp"),
    ],
)
def test_an_own_app_gets_the_default_server_of_its_interface(interface: Interface, server: str, served_as: str) -> None:
    result = resolved("shop:app?app_dir=x", interface)
    assert (result.app, result.server.name, result.served_as) == (None, server, served_as)


def test_a_wrapped_app_is_served_as_asgi_and_its_wrapper_is_noted() -> None:
    result = resolved("flask@uvicorn?wrap=asgiref")
    assert (result.interface, result.served_as) == ("wsgi", "asgi")
    assert [note.key for note in result.notes] == ["wrapper.asgiref"]


def test_an_app_of_two_interfaces_is_given_the_one_that_its_server_speaks() -> None:
    ways = {text: resolved(text) for text in ("sanic@sanic", "sanic@granian")}
    assert {text: (way.interface, way.served_as) for text, way in ways.items()} == {
        "sanic@sanic": ("sanic", "sanic"),
        "sanic@granian": ("sanic", "asgi"),
    }


def test_options_reach_the_command_line() -> None:
    result = resolved("fastapi@uvicorn?workers=3&keep_alive=9&http=h11")
    arguments = " ".join(result.arguments("m:app"))
    assert "--workers 3 --http h11 --timeout-keep-alive 9 m:app" in arguments
    assert "--no-access-log" in arguments and "--port {port}" in arguments


@pytest.mark.parametrize(
    ("text", "points_at", "words", "remedy"),
    [
        ("flsk@gunicorn", "flsk", "no app 'flsk'", "did you mean flask? known apps: bare-wsgi, bare-asgi, flask"),
        ("qqqq@gunicorn", "qqqq", "no app", "known apps: bare-wsgi"),
        ("flask@gunicrn", "gunicrn", "no server 'gunicrn'", "did you mean gunicorn? known servers: gunicorn, uvicorn"),
        ("flask@Gunicorn", "Gunicorn", "no server", "did you mean gunicorn?"),
        ("flask@gunicorn?wokers=2", "wokers", "gunicorn has no option 'wokers'", "did you mean workers? known options"),
        (
            "flask@gunicorn?worker_class=sync&threads=2",
            "threads",
            "worker_class=sync has no",
            "for worker_class=gthread",
        ),
        ("fastapi@granian?blocking_threads=2", "blocking_threads", "granian for ASGI", "blocking_threads is for WSGI"),
        ("flask@uvicorn?worker_class=sync&wrap=asgiref", "worker_class", "uvicorn has no option", "known options"),
        ("flask@gunicorn?workers=0", "0", "workers=0 is not a whole number from 1 to 512", "worker processes"),
        ("flask@gunicorn?workers=-1", "-1", "workers=-1", "worker processes"),
        ("flask@gunicorn?workers=%D9%A3", "%D9", "is not a whole number", "worker processes"),
        ("flask@gunicorn?workers=" + "9" * 9999, "999", "workers=99999999999999999999... is not", "worker"),
        ("fastapi@uvicorn?loop=uvlop", "uvlop", "loop=uvlop is not one of auto, asyncio, uvloop", "event loop"),
        ("flask@gunicorn?worker_class=gevent", "gevent", "worker_class=gevent", "known values: sync, gthread"),
        ("flask@uvicorn?wrap=asgirf", "asgirf", "wrap=asgirf", "did you mean asgiref?"),
        ("bare-wsgi==1.0@gunicorn", "1.0", "has no version", "leave out"),
        ("flask@gunicorn?app_dir=.", "app_dir", "app_dir is for your own app", "MODULE:ATTRIBUTE"),
        ("flask@gunicorn?interface=wsgi", "interface", "interface is for your own app", "MODULE:ATTRIBUTE"),
        ("shop:app@gunicorn?interface=cgi", "cgi", "interface=cgi", "known values: wsgi, asgi"),
        ("aiohttp@aiohttp?workers=2", "2", "workers=2 is not one of 1", "for several: aiohttp@gunicorn?workers=N"),
        ("sanic@sanic?threads=2", "threads", "sanic has no option 'threads'", "known options: workers"),
        (
            "aiohttp@uvicorn",
            "uvicorn",
            "aiohttp is aiohttp's own, neither WSGI nor ASGI",
            "what works: aiohttp@gunicorn",
        ),
        ("aiohttp@gunicorn?worker_class=sync", "sync", "is aiohttp's own", "what works: aiohttp@gunicorn"),
        (
            "aiohttp@sanic",
            "sanic",
            "sanic serves sanic, and aiohttp is",
            "what works: aiohttp@gunicorn, aiohttp@aiohttp",
        ),
        ("flask@sanic", "sanic", "sanic serves sanic, and flask is WSGI", "what works: flask@gunicorn"),
        ("fastapi@aiohttp", "aiohttp", "aiohttp serves aiohttp, and fastapi is ASGI", "what works: fastapi@gunicorn?"),
        ("sanic@waitress", "waitress", "waitress serves WSGI, and sanic is ASGI", "what works: sanic@gunicorn?"),
        ("sanic@gunicorn?worker_class=asgi", "asgi", "headers twice", "sanic@gunicorn?worker_class=uvicorn, sanic@uvi"),
        ("sanic@uvicorn?wrap=asgiref", "wrap", "sanic is not WSGI", "what works: sanic@uvicorn"),
        ("flask?with=gzp", "gzp", "flask has no part 'gzp'", "did you mean gzip? known parts: cors, gzip"),
        ("flask?with=gzip,docs", "docs", "flask has no part 'docs'", "known parts: cors, gzip"),
        (
            "starlette?with=cors",
            "cors",
            "starlette has no part",
            "apps that have it: flask, quart, fastapi; starlette has",
        ),
        ("flask?with=gzip,gzip", "gzip", "the part 'gzip' is given twice", "keep one"),
        ("flask?with=gzip,", "", "flask has no part ''", "known parts: cors, gzip"),
        ("flask?with=../../flask_service", "../", "flask has no part '../../flask_service'", "known parts: cors, gzip"),
        (
            "bare-wsgi?with=cors",
            "cors",
            "bare-wsgi has no part 'cors'",
            "apps that have it: flask, quart, fastapi; bare-",
        ),
        ("shop:app@uvicorn?with=gzip", "with", "with adds parts to reference apps", "leave it out"),
        ("shop:app@gunicrn", "gunicrn", "no server", "did you mean gunicorn?"),
        ("shop:app@gunicorn?wokers=2", "wokers", "no option 'wokers'", "did you mean workers?"),
    ],
)
def test_what_does_not_exist_is_refused_at_its_place(text: str, points_at: str, words: str, remedy: str) -> None:
    with pytest.raises(NotationError) as caught:
        resolved(text, "wsgi")
    assert text[caught.value.position :].startswith(points_at)
    assert words in caught.value.message and remedy in caught.value.remedy
    assert len(caught.value.message) < 200


def test_parts_are_found_as_files_in_the_order_written() -> None:
    parts = resolved("fastapi@granian?with=gzip,cors").parts
    assert list(parts) == ["gzip", "cors"] and all(file.is_file() for file in parts.values())
    assert resolved("fastapi@granian").parts == {}


@pytest.mark.parametrize(
    "text", ["shop:app@gunicrn", "shop:app@gunicorn?wokers=2", "shop:app?wrap=x", "flsk", "shop:app?with=gzip"]
)
def test_names_are_refused_before_the_app_is_looked_at(text: str) -> None:
    with pytest.raises(NotationError):
        check_names(parse_notation(text))


@pytest.mark.parametrize(
    ("text", "points_at", "first_offer"),
    [
        ("fastapi@gunicorn", "gunicorn", "fastapi@gunicorn?worker_class=uvicorn"),
        ("fastapi@gunicorn?worker_class=sync", "sync", "fastapi@gunicorn?worker_class=uvicorn"),
        ("fastapi==0.110.0@gunicorn==23.0.0?workers=2", "gunicorn", "fastapi==0.110.0@gunicorn==23.0.0?worker_class="),
        ("fastapi@waitress", "waitress", "fastapi@gunicorn?worker_class=uvicorn"),
        ("flask@uvicorn", "uvicorn", "flask@uvicorn?wrap=asgiref"),
        ("flask@gunicorn?worker_class=uvicorn", "uvicorn", "flask@gunicorn"),
        ("flask@gunicorn?wrap=a2wsgi", "gunicorn", "flask@gunicorn?worker_class=uvicorn&wrap=a2wsgi"),
        ("flask@gunicorn?worker_class=gthread&wrap=asgiref", "gthread", "flask@gunicorn?worker_class=uvicorn&wrap="),
        ("flask@waitress?wrap=asgiref", "waitress", "flask@waitress"),
        ("fastapi@uvicorn?wrap=asgiref", "wrap", "fastapi@uvicorn"),
        (
            "shop:app@uvicorn?python=/opt/py&app_dir=/srv",
            "uvicorn",
            "shop:app@uvicorn?python=/opt/py&app_dir=/srv&wrap",
        ),
    ],
)
def test_an_impossible_pair_is_refused_with_notations_that_work(text: str, points_at: str, first_offer: str) -> None:
    with pytest.raises(NotationError) as caught:
        resolved(text, "wsgi")
    assert text[caught.value.position :].startswith(points_at)
    offers = caught.value.remedy.removeprefix("what works: ").split(", ")
    assert offers[0].startswith(first_offer)
    for offer in offers:
        resolved(offer, "wsgi")


def test_the_offer_names_the_wrapper_where_one_would_do() -> None:
    with pytest.raises(NotationError) as caught:
        resolved("flask@gunicorn?worker_class=uvicorn")
    assert "flask@gunicorn?worker_class=uvicorn&wrap=asgiref" in caught.value.remedy
