"""Values that a run was given as secrets are found again, however they come back."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.errors import LaunchFailed
from webdyno.model.fact import fact
from webdyno.model.known_values import SHORTEST, KnownValues
from webdyno.model.secrets import Secrets
from webdyno.texts.catalogue import as_note
from webdyno.texts.failure import failure, notes_of

AWKWARD = "vi/ol et+\"7&é'<\\>"


def knowing(name: str, value: str) -> Secrets:
    secrets = Secrets()
    secrets.learn(name, value)
    return secrets


@pytest.mark.parametrize(
    "spelled",
    [
        AWKWARD,
        quote(AWKWARD, safe=""),
        quote_plus(AWKWARD),
        json.dumps(AWKWARD)[1:-1],
        html.escape(AWKWARD),
        ascii(AWKWARD)[1:-1],
        json.dumps(AWKWARD, ensure_ascii=False)[1:-1],
        quote(AWKWARD),
        re.sub("%..", lambda found: found[0].lower(), quote(AWKWARD, safe="")),
        repr(AWKWARD.encode())[2:-1],
        "vi/ol et+&#34;7&amp;é&#39;&lt;\\&gt;",
    ],
)
def test_a_known_secret_is_masked_in_every_spelling(spelled: str) -> None:
    assert knowing("X-Api-Key", AWKWARD).text(f"<{spelled}> was refused") == "<***> was refused"


def test_a_header_as_its_bytes_are_is_known_as_it_was_typed() -> None:
    assert knowing("X-Api-Key", "schlüssel".encode().decode("latin-1")).text("got schlüssel!") == "got ***!"


def test_the_token_of_a_scheme_and_the_password_of_basic_authentication_are_known() -> None:
    assert knowing("Authorization", "Bearer violet-7").text("token violet-7 expired") == "token *** expired"
    pair = base64.b64encode(b"ann:violet-7").decode()
    assert knowing("Authorization", f"Basic {pair}").text(f"{pair}: ann, violet-7") == "***: ann, ***"


def test_each_line_of_a_secret_is_known() -> None:
    secrets = knowing("TLS_KEY", "-----BEGIN X-----\nviolet-one\n  violet-two\n-----END X-----")
    assert secrets.text("it said violet-two") == "it said ***"
    assert Secrets({"env.PEM": "first-line\nsecond-line"}).text("second-line") == "${env.PEM}"


def test_a_secret_that_is_no_utf_8_is_known_and_what_is_kept_can_be_stored() -> None:
    secrets = Secrets({"env.X": os.fsdecode(b"violet-\xff")})
    assert secrets.text(os.fsdecode(b"<violet-\xff>")) == "<${env.X}>"
    assert secrets.text("violet-\ufffd, violet-%FF, b'violet-\\xff'") == "${env.X}, ${env.X}, b'${env.X}'"
    assert secrets.named("MODE", "a\udcff") == "a\\udcff"
    assert knowing("password", "violet-\ud800").text("violet-\ud800") == "***"


def test_each_cookie_and_the_password_of_a_url_are_known() -> None:
    assert knowing("Cookie", "a=violet-7; b=rosy-cheek").text("rosy-cheek, violet-7") == "***, ***"
    assert knowing("DATABASE_URL", "postgres://u:vio%2Flet7@h/d").text("bad password vio/let7") == "bad password ***"


def test_a_secret_with_a_name_is_shown_by_its_name() -> None:
    secrets = Secrets({"env.TOKEN": "violet-7"})
    secrets.learn("Authorization", "Bearer violet-7")
    assert secrets.named("Authorization", "Bearer violet-7") == "Bearer ${env.TOKEN}"
    assert secrets.text("/items?x=violet-7") == "/items?x=${env.TOKEN}"


@pytest.mark.parametrize("cut", ["violet-...", "b'{violet-'", 'said "violet-"', "violet-"])
def test_a_secret_that_was_cut_off_is_masked_as_far_as_it_is_there(cut: str) -> None:
    assert "violet-" not in knowing("X-Api-Key", "violet-seven").text(cut)


def test_what_only_begins_like_a_secret_is_left_alone() -> None:
    assert knowing("X-Api-Key", "violet-seven").text("violet-eight is free") == "violet-eight is free"


def test_short_values_are_masked_where_they_stand_and_not_looked_for() -> None:
    secrets = knowing("PIN_SECRET", "on12")
    assert secrets.named("PIN_SECRET", "on12") == "***"
    assert secrets.text("it began on12 cores") == "it began on12 cores"


def test_a_body_is_as_long_as_before() -> None:
    body = 'ü {"password": "vïolet", "x": "'.encode() + b"\xff\x00" + b'", "echo": "rosy-cheek"}'
    masked = knowing("X-Api-Key", "rosy-cheek").body(body)
    assert masked == body.replace("vïolet".encode(), b"*" * 7).replace(b"rosy-cheek", b"*" * 10)


def test_an_error_that_leaves_says_no_secret() -> None:
    with pytest.raises(LaunchFailed) as raised, knowing("API_KEY", "violet-7").out_of_errors():
        raise LaunchFailed("it said violet-7", "leave out violet-7", ("line violet-7", "postgres://u:pw@h"))
    error = raised.value
    assert (str(error), error.message, error.remedy) == ("it said ***", "it said ***", "leave out ***")
    assert error.details == ("line ***", "postgres://u:***@h")


def test_the_facts_of_an_error_that_leaves_say_no_secret() -> None:
    with pytest.raises(LaunchFailed) as raised, knowing("API_KEY", "violet-7").out_of_errors():
        raise failure(
            LaunchFailed,
            fact("hangs-up", asked="GET /violet-7"),
            fact("name-host", general=fact("ask-page", path="/?token=rosy-cheek")),
        )
    what, remedy = notes_of(raised.value)
    assert what == as_note(fact("hangs-up", asked="GET /***"))
    assert remedy == as_note(fact("name-host", general=fact("ask-page", path="/?token=***")))


WORDS = st.text("ab-", min_size=SHORTEST, max_size=12)


@given(st.lists(WORDS, min_size=1, max_size=6), st.data())
def test_no_known_value_is_left_and_nothing_else_is_changed(values: list[str], data: st.DataObject) -> None:
    pieces = st.one_of(
        st.sampled_from(values), st.sampled_from([*values, "..."]).map(lambda one: one[:7]), st.text("ab '")
    )
    text = "".join(data.draw(st.lists(pieces, max_size=8)))
    taken: list[str] = []

    def take(value: str) -> str:
        taken.append(value)
        return "\0"

    replaced = KnownValues(values).replaced(text, take)
    assert not any(value in replaced for value in values)
    assert all(any(value.startswith(one) for value in values) for one in taken)
    for one in taken:
        replaced = replaced.replace("\0", one, 1)
    assert replaced == text


def test_a_hundred_thousand_values_are_looked_for_at_once() -> None:
    secrets = Secrets()
    for number in range(100_000):
        secrets.learn("password", f"password-of-user-{number}")
    began = time.process_time()
    text = "body b'password-of-user-77777, password-of-user-x' " * 200
    assert secrets.text(text).count("***") == 200
    assert time.process_time() - began < 5
