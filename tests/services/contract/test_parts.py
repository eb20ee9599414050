"""Each app has the parts that the matrix gives it, exactly as the contract says, and no others."""

from __future__ import annotations

import json

import pytest

from webdyno.model.notation import parse_notation
from webdyno.stacks.catalogue import APPS
from webdyno.stacks.resolve import resolve

from .checks import ABSENT, CHECKS, is_error
from .client import Client
from .matrix import CONTRACT, DECLARED, TOLD, Held, held
from .upstreams import Upstream


@pytest.mark.parametrize("part", CHECKS)
def test_a_declared_part_is_as_the_contract_says_and_another_is_not_there(
    client: Client, stack: Held, part: str, upstream: Upstream
) -> None:
    if part in stack.parts:
        CHECKS[part](client, upstream)
    elif part == "lifespan":
        assert client.get("/test-api").json["lifespan"] is False
    else:
        for path in ABSENT[part]:
            is_error(client.get(path), 404)


def test_what_is_not_added_is_not_there(client: Client) -> None:
    answer = client.get("/", Origin="https://shop.example", Accept_Encoding="gzip")
    assert not {"access-control-allow-origin", "content-encoding"} & {name.lower() for name in answer.headers}


def test_every_app_of_the_catalogue_is_held_to_the_contract_and_flask_under_each_wrapper() -> None:
    notations = {one.notation for one in held()}
    assert notations >= set(APPS) | {"flask?wrap=asgiref", "flask?wrap=a2wsgi"}


def test_each_folder_names_parts_of_the_contract_and_apps_of_the_catalogue() -> None:
    document = json.loads((CONTRACT / "openapi.json").read_text())
    tags = {tag for path in document["paths"].values() for operation in path.values() for tag in operation["tags"]}
    assert tags <= set(CHECKS) and set(TOLD) == set(APPS)
    for entry in DECLARED.values():
        assert set(entry["has"]) <= set(CHECKS)  # type: ignore[call-overload]
        only: dict[str, dict[str, list[str]]] = entry.get("only", {})  # type: ignore[assignment]
        for part, where in only.items():
            assert part in entry["has"] and where["reason"]  # type: ignore[operator]
            assert all(resolve(parse_notation(text)) for text in where["stacks"])
