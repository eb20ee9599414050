"""The reference apps of the catalogue."""

from __future__ import annotations

from ..model.run import Interface
from .entries import SERVICES, App


def reference_app(
    name: str, interface: Interface, package: str | None, summary: str, *, both_handlers: bool = False
) -> App:
    """An app of `services`, with what its folder says of it."""
    module = name.replace("-", "_")
    # An app of two interfaces has one folder for both.
    folder = SERVICES / (package or module)
    listed = folder / "requirements.in"
    requirements = tuple(listed.read_text().split()) if listed.exists() else ()
    return App(name, interface, folder, f"{module}_service:app", package, summary, requirements, both_handlers)


BARE_WSGI = reference_app("bare-wsgi", "wsgi", None, "no framework: what a WSGI server itself costs")
BARE_ASGI = reference_app("bare-asgi", "asgi", None, "no framework: what an ASGI server itself costs")
FLASK = reference_app("flask", "wsgi", "flask", "the WSGI framework of the Pallets project", both_handlers=True)
QUART = reference_app("quart", "asgi", "quart", "Flask's API on asyncio, of the same project", both_handlers=True)
STARLETTE = reference_app(
    "starlette", "asgi", "starlette", "the ASGI toolkit that FastAPI stands on", both_handlers=True
)
FASTAPI = reference_app(
    "fastapi",
    "asgi",
    "fastapi",
    "Starlette with validation by Pydantic and generated API documents",
    both_handlers=True,
)
FALCON = reference_app("falcon", "wsgi", "falcon", "a small framework for HTTP APIs, on WSGI")
FALCON_ASGI = reference_app("falcon-asgi", "asgi", "falcon", "the same framework on ASGI", both_handlers=True)
LITESTAR = reference_app(
    "litestar", "asgi", "litestar", "typed ASGI handlers, dependency injection and JSON by msgspec", both_handlers=True
)
DJANGO = reference_app(
    "django", "asgi", "django", "Django under its ASGI handler, without database and middleware", both_handlers=True
)
DJANGO_WSGI = reference_app(
    "django-wsgi", "wsgi", "django", "the same framework under its WSGI handler", both_handlers=True
)
