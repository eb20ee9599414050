"""Bodies that frameworks by themselves take in different ways, and the contract in one."""

from __future__ import annotations

import codecs
import json

import pytest

from .checks import ARTICULO, is_error, is_invalid, is_json
from .client import Client, multipart
from .matrix import Held

TEXT = json.dumps({**ARTICULO, "nombre": "\u00f1and\u00fa"}, ensure_ascii=False)
OTHER_ENCODINGS = {
    "UTF-8 after a byte order mark": (codecs.BOM_UTF8 + TEXT.encode(), ""),
    "UTF-16": (TEXT.encode("utf-16"), ""),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), ""),
    "UTF-32": (TEXT.encode("utf-32-be"), ""),
    "announced UTF-16": (TEXT.encode("utf-16"), "; charset=utf-16"),
    "announced Latin-1": (TEXT.encode("latin-1"), "; charset=latin-1"),
}
OTHER = b'--webdyno\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n'
NO_DISPOSITION = b"--webdyno\r\nContent-Type: text/plain\r\n\r\nx\r\n--webdyno--\r\n"
NO_MULTIPART = (
    b"x" * 1000,
    NO_DISPOSITION,
    OTHER + NO_DISPOSITION,
    b"--webdyno\r\n\r\nx\r\n--webdyno--\r\n",
    b"--webdyno\r\nContent-Disposition: form-data\r\n\r\nx\r\n--webdyno--\r\n",
    b"--webdyno\r\n???\r\n\r\nx\r\n--webdyno--\r\n",
)


def needs(stack: Held, part: str) -> None:
    if part not in stack.parts:
        pytest.skip(f"{stack.notation} has no {part}")


@pytest.mark.parametrize("kind", OTHER_ENCODINGS)
def test_json_in_another_encoding_than_utf_8_is_refused(client: Client, stack: Held, kind: str) -> None:
    needs(stack, "articulos")
    body, parameter = OTHER_ENCODINGS[kind]
    is_error(client.post_text("/articulos/", body, f"application/json{parameter}"), 400)


def test_json_in_utf_8_is_taken_whatever_its_type_says_of_it(client: Client, stack: Held) -> None:
    needs(stack, "articulos")
    for parameter in ("", "; charset=utf-8", "; charset=unknown", "; profile=x"):
        answer = client.post_text("/articulos/", TEXT.encode(), f"application/json{parameter}")
        is_json(answer, 201, json.loads(TEXT))


def test_a_type_that_only_ends_in_json_is_refused(client: Client, stack: Held) -> None:
    needs(stack, "articulos")
    for content_type in ("application/problem+json", "application/vnd.api+json", "text/json"):
        is_error(client.post_text("/articulos/", TEXT.encode(), content_type), 415)


def test_what_is_no_multipart_has_no_file(client: Client, stack: Held) -> None:
    needs(stack, "upload")
    for body in NO_MULTIPART:
        is_invalid(client.post_text("/upload", body, "multipart/form-data; boundary=webdyno"), "body.file")


def test_multipart_without_a_boundary_is_refused(client: Client, stack: Held) -> None:
    needs(stack, "upload")
    for parameter in ("", "; boundary=", '; boundary=""', "; charset=utf-8"):
        is_error(client.post_text("/upload", multipart(b"x")[0], f"multipart/form-data{parameter}"), 400)
