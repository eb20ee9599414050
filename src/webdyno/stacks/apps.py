"""The reference apps of the catalogue."""

from __future__ import annotations

from ..model.run import Interface
from .entries import SERVICES, App


def _app(name: str, interface: Interface, package: str | None, summary: str) -> App:
    module = name.replace("-", "_")
    # An app of two interfaces has one folder for both.
    folder = SERVICES / (package or module)
    listed = folder / "requirements.in"
    requirements = tuple(listed.read_text().split()) if listed.exists() else ()
    return App(name, interface, folder, f"{module}_service:app", package, summary, requirements, name in _BOTH_HANDLERS)


# The others take handlers of one kind only.
_BOTH_HANDLERS = (
    "flask",
    "quart",
    "starlette",
    "fastapi",
    "falcon-asgi",
    "litestar",
    "django",
    "django-wsgi",
    "sanic",
)


BARE_WSGI = _app("bare-wsgi", "wsgi", None, "no framework: what a WSGI server itself costs")
BARE_ASGI = _app("bare-asgi", "asgi", None, "no framework: what an ASGI server itself costs")
FLASK = _app("flask", "wsgi", "flask", "the WSGI framework of the Pallets project")
QUART = _app("quart", "asgi", "quart", "Flask's API on asyncio, of the same project")
STARLETTE = _app("starlette", "asgi", "starlette", "the ASGI toolkit that FastAPI stands on")
FASTAPI = _app("fastapi", "asgi", "fastapi", "Starlette with validation by Pydantic and generated API documents")
FALCON = _app("falcon", "wsgi", "falcon", "a small framework for HTTP APIs, on WSGI")
FALCON_ASGI = _app("falcon-asgi", "asgi", "falcon", "the same framework on ASGI")
LITESTAR = _app("litestar", "asgi", "litestar", "typed ASGI handlers, dependency injection and JSON by msgspec")
DJANGO = _app("django", "asgi", "django", "Django under its ASGI handler, without database and middleware")
DJANGO_WSGI = _app("django-wsgi", "wsgi", "django", "the same framework under its WSGI handler")
SANIC = _app("sanic", "sanic", "sanic", "an asyncio framework with a server of its own; ASGI as well")
AIOHTTP = _app("aiohttp", "aiohttp", "aiohttp", "the web framework of aiohttp, on a server of its own")
