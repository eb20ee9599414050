"""The notation of a server that already runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import webdyno
from webdyno.errors import NotationError, UsageError
from webdyno.model.notation import parse_stack
from webdyno.model.stack import Stack

SHOWN = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="#%"), max_size=20)
PATHS = st.from_regex(r"[a-z0-9/.,~-]{0,12}", fullmatch=True)
HOSTS = st.from_regex(r"[a-z][a-z0-9-]{0,8}(\.[a-z]{2,4})?", fullmatch=True) | st.sampled_from(["127.0.0.1", "[::1]"])


@given(
    st.sampled_from(["http", "https"]),
    HOSTS,
    st.integers(1, 65535),
    st.from_regex(r"[a-z0-9/.,~-]{0,12}", fullmatch=True),
)
def test_a_notation_reads_back_from_its_canonical_text(scheme: str, host: str, port: int, path: str) -> None:
    stack = parse_stack(f"url={scheme}://{host}:{port}/{path},pid=17")
    assert parse_stack(str(stack)) == stack
    assert (stack.pid, stack.is_seen, stack.is_import_string, stack.is_reference) == (17, True, False, False)
    assert stack.url is not None and stack.url.endswith(f"/{path}")


@given(SHOWN)
def test_whatever_follows_is_read_or_refused_and_reads_back_the_same(text: str) -> None:
    try:
        stack = parse_stack(f"url=http://{text}")
    except UsageError:
        return
    assert parse_stack(str(stack)) == stack


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("url=http://127.0.0.1:8000", "url=http://127.0.0.1:8000/"),
        ("url=HTTP://LOCALHOST:80/A?b=C", "url=http://localhost/A?b=C"),
        ("url=https://shop.test:443/", "url=https://shop.test/"),
        ("url=http://[::1]:8000/,pid=007", "url=http://[::1]:8000/,pid=7"),
        ("url=http://h?q=1", "url=http://h/?q=1"),
        ("url=http://h/a,b%2Cpid=3", "url=http://h/a,b%2Cpid=3"),
    ],
)
def test_two_spellings_of_one_address_are_one_stack(text: str, canonical: str) -> None:
    assert str(parse_stack(text)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "url=http://h/,pid=",
        "url=http://h/,pid=0",
        "url=http://h/,pid=-1",
        "url=http://h/,pid=x",
        "url=http://h/,pid=2147483648",
        "url=http://h/,pid=9999999999",
        "url=http://h/,pid=12345678901",
        "url=http://h/,pid=1,pid=2",
        "url=http://h/,pid=1&workers=2",
        "url=http://h/,pid=\u0664",
    ],
)
def test_what_is_no_process_id_is_pointed_at(text: str) -> None:
    with pytest.raises(NotationError) as refused:
        parse_stack(text)
    assert refused.value.position == text.index(",pid=") + len(",pid=")
    assert "%2C" in refused.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        "url=",
        "url=127.0.0.1:8000",
        "url=ftp://h/",
        "url=http://",
        "url=http://h:0/",
        "url=http://h:65536/",
        "url=http://h/#part",
        "url=http://h/a b",
        "url=http://h/\r\nHost: x",
        "url=http://h\x00/",
        "url=http://h/\u00e9",
        "url=http://[fe80::1%25eth0]/",
        "url=http://h/" + "a" * 3000,
        "http://127.0.0.1:8000/",
    ],
    ids=lambda text: repr(text[:30]),
)
def test_what_is_no_url_of_a_server_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_stack(text)
    assert refused.value.remedy
    assert len(refused.value.message) + sum(map(len, refused.value.details)) < 400


@pytest.mark.parametrize("text", ["http://127.0.0.1:8000/", "HTTP://127.0.0.1:8000/", "URL=http://127.0.0.1:8000/"])
def test_what_was_meant_for_one_is_told_how_to_write(text: str) -> None:
    with pytest.raises(NotationError) as refused:
        parse_stack(text)
    assert refused.value.remedy.lower().endswith(" url=http://127.0.0.1:8000/") and "url=" in refused.value.remedy


@pytest.mark.parametrize("beginning", ["url=", "URL=", ""])
@pytest.mark.parametrize("text", ["http://ann:s3cretword@h/", "http://s3cretword@h/", "http://h/?token=s3cretword"])
def test_credentials_are_refused_and_not_repeated(text: str, beginning: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_stack(beginning + text)
    told = " ".join((refused.value.message, refused.value.remedy, *refused.value.details))
    assert "s3cretword" not in told and "--header" in refused.value.remedy


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "[::1]:28004", "localhost:80"])
@pytest.mark.parametrize("rest", ["@uvicorn", "@gunicorn==22.0.0", "@granian?workers=2", "@waitress,pid=7"])
def test_a_server_after_a_port_is_no_credential(address: str, rest: str) -> None:
    text = f"url=http://{address}{rest}"
    with pytest.raises(NotationError, match=r"^@\w+ after a port would choose a server") as refused:
        parse_stack(text)
    assert refused.value.position == text.index("@") and refused.value.remedy
    assert address not in refused.value.details[0]


def test_what_to_do_with_a_secret_is_told_whole_in_python() -> None:
    with pytest.raises(NotationError) as refused:
        webdyno.compare("url=http://h/?token=s3cretword", store=None)
    assert "headers @FILE" in refused.value.remedy and refused.value.remedy.endswith("'/...${env.NAME}'")


def test_a_stored_stack_that_nobody_would_write_has_no_process() -> None:
    assert Stack(app="url=http://h/", options=(("pid", "all"),)).pid is None
    assert Stack(app="url=http://h/", options=(("pid", "2147483648"),)).pid is None
    assert Stack(app="flask", options=(("pid", "7"),)).pid is None
