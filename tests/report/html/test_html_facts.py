"""What the page says of a stack as it ran."""

from __future__ import annotations

import pytest

from webdyno.model.run import Interface
from webdyno.report.html import facts
from webdyno.report.html.tables import Name

from ...factories import Truth, record


@pytest.mark.parametrize(
    ("interface", "served_as", "words"),
    [
        ("asgi", "asgi", "ASGI app"),
        ("wsgi", "asgi", "WSGI app, wrapped and served as ASGI"),
        ("sanic", "sanic", "sanic app"),
        ("sanic", "asgi", "sanic app, served as ASGI"),
    ],
)
def test_it_says_what_the_app_is_and_how_it_is_served(interface: Interface, served_as: Interface, words: str) -> None:
    ran = record(Truth("flask@gunicorn", 1000.0, 500.0)).model_copy(
        update={"interface": interface, "served_as": served_as}
    )
    assert ("Served", words) in facts.stack(ran, Name("A", ran.notation, 1), None).facts
