import gc
import gzip
import itertools
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.loadgen.engine.closed import ClosedExecution
from webdyno.loadgen.engine.content import DECODED_BYTES, KEPT_BYTES, Content
from webdyno.model.load import ClosedLoad
from webdyno.model.workload import Expected

from .conftest import make_job
from .server import Exchange, ScriptedServer

TEXT = b'{"message": "Hello, World!"} ' * 9


def raw_deflate(data: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(data) + squeeze.flush()


def bomb(size: int) -> bytes:
    return gzip.compress(bytes(size), 6)


ENCODED = {
    "nothing": (b"", TEXT),
    "identity": (b"identity", TEXT),
    "gzip": (b"gzip", gzip.compress(TEXT)),
    "x-gzip": (b",X-GZip , ", gzip.compress(TEXT)),
    "odd case": (b"GzIp", gzip.compress(TEXT)),
    "gzip in two members": (b"gzip", gzip.compress(TEXT[:7]) + gzip.compress(b"") + gzip.compress(TEXT[7:])),
    "zlib": (b"deflate", zlib.compress(TEXT)),
    "raw deflate": (b"Deflate", raw_deflate(TEXT)),
    "several": (b"deflate, identity,gzip", gzip.compress(zlib.compress(TEXT))),
    "several lines": (b",gzip,deflate,gzip", gzip.compress(raw_deflate(gzip.compress(TEXT)))),
}


def seen(encodings: bytes, pieces: list[bytes], *, expected: bytes | None = TEXT) -> tuple[object, ...]:
    """All that is known of a body that came in these pieces; bytes only where it could be decoded."""
    content = Content(encodings, expected=expected, keep=True)
    for piece in pieces:
        content.feed(piece)
    content.end()
    if content.trouble:
        return (content.trouble,)
    return (content.trouble, content.length, content.body_start, content.body_differs, bytes(content.kept))


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % len(data) for place in places} - {0}), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@pytest.mark.parametrize("name", ENCODED)
def test_a_body_decodes_to_the_same_cut_at_every_place(name: str) -> None:
    encodings, data = ENCODED[name]
    for place in range(1, len(data)):
        assert seen(encodings, [data[:place], data[place:]]) == ("", len(TEXT), TEXT[:80], False, TEXT)
    assert seen(encodings, [data[at : at + 1] for at in range(len(data))]) == seen(encodings, [data])


@given(st.sampled_from(sorted(ENCODED)), st.binary(max_size=300), st.lists(st.integers(0, 2000), max_size=6))
def test_a_damaged_body_fares_the_same_however_it_is_cut(name: str, damage: bytes, places: list[int]) -> None:
    encodings, data = ENCODED[name]
    place = sum(damage) % len(data)
    data = data[:place] + damage + data[place + len(damage) // 2 :]
    assert seen(encodings, cut(data, places)) == seen(encodings, [data])


@given(st.sampled_from(["gzip", "zlib", "raw deflate", "several"]), st.integers(1, 10_000))
def test_a_compressed_body_that_lacks_its_end_is_noticed(name: str, missing: int) -> None:
    encodings, data = ENCODED[name]
    (trouble,) = seen(encodings, [data[: -(missing % (len(data) - 1) or 1)]])
    assert trouble == "the compressed body is cut off"


@pytest.mark.parametrize("encodings", [b"gzip", b"deflate", b"gzip, deflate"])
def test_no_bytes_at_all_are_an_empty_body(encodings: bytes) -> None:
    assert seen(encodings, [], expected=b"") == ("", 0, b"", False, b"")


@pytest.mark.parametrize(
    ("encodings", "data", "trouble"),
    [
        (b"gzip", TEXT, "gzip body is damaged: incorrect header check"),
        (b"deflate", b"\x07\x07\x07", "deflate body is damaged: invalid block type"),
        (b"gzip", gzip.compress(TEXT, mtime=0)[:-8] + b"12345678", "gzip body is damaged: incorrect data check"),
        (b"gzip", gzip.compress(TEXT, mtime=0) + b"<!-- more", "gzip body is damaged"),
        (b"deflate", zlib.compress(TEXT) + b"x", "after the end of the deflate body"),
        (b"gzip, gzip", gzip.compress(TEXT, mtime=0), "2 encodings is damaged"),
        (b"br", TEXT, "'br' cannot be read; ask for gzip"),
        (b"gzip, zstd", gzip.compress(TEXT, mtime=0), "'zstd' cannot be read; ask for gzip"),
        (b"\x1b[31m", TEXT, r"'\\x1b\[31m' cannot be read"),
        (b"gzip," * 5, TEXT, "encoded 5 times over"),
    ],
)
def test_what_does_not_decode_says_why(encodings: bytes, data: bytes, trouble: str) -> None:
    (text,) = seen(encodings, [data])
    with pytest.raises(ValueError, match=trouble):
        raise ValueError(text)


def test_a_bomb_is_cut_off() -> None:
    content = Content(b"gzip", expected=b"", keep=False)
    for piece in cut(bomb(DECODED_BYTES + 1), [5000, 10000]):
        content.feed(piece)
    assert f"more than {DECODED_BYTES} bytes" in content.trouble
    assert content.length <= DECODED_BYTES


def test_a_bomb_in_a_bomb_is_cut_off() -> None:
    content = Content(b"gzip, gzip", expected=b"", keep=False)
    content.feed(gzip.compress(gzip.compress(bytes(2**26), 9), 9))
    assert "decodes to too much" in content.trouble


def test_as_much_as_is_allowed_decodes() -> None:
    content = Content(b"gzip", expected=bytes(DECODED_BYTES), keep=False)
    content.feed(bomb(DECODED_BYTES))
    content.end()
    assert (content.trouble, content.length, content.body_differs) == ("", DECODED_BYTES, False)
    assert content.kept == b""


@pytest.mark.parametrize("encodings", [b"", b"gzip"])
def test_what_is_kept_has_a_bound(encodings: bytes) -> None:
    def send(size: int) -> Content:
        content = Content(encodings, expected=None, keep=True)
        content.feed(bomb(size) if encodings else bytes(size))
        content.end()
        return content

    assert len(send(KEPT_BYTES).kept) == KEPT_BYTES
    over = send(KEPT_BYTES + 1)
    assert f"longer than {KEPT_BYTES} bytes" in over.trouble
    assert over.kept == b""


@pytest.mark.parametrize("encodings", [b"", b"gzip", b"gzip, gzip"])
def test_all_that_are_kept_at_once_have_a_bound_together(monkeypatch: pytest.MonkeyPatch, encodings: bytes) -> None:
    # What other tests have left would make room meanwhile.
    gc.collect()
    monkeypatch.setattr(Content, "room", 100)

    def kept(size: int) -> Content:
        content = Content(encodings, expected=None, keep=True)
        body = bytes(size)
        for _ in encodings.split():
            body = gzip.compress(body)
        content.feed(body)
        content.end()
        return content

    first = kept(80)
    assert (len(first.kept), first.crowded, Content.room) == (80, False, 20)
    second = kept(30)
    assert (len(second.kept), second.crowded, Content.room) == (0, True, 20)
    assert "use fewer connections" in second.trouble
    del first
    assert len(kept(100).kept) == 100
    assert Content.room == 100


@given(st.lists(st.binary(max_size=50), max_size=5), st.sampled_from([b"gzip", b"deflate", b"gzip,deflate", b"br"]))
def test_bytes_of_any_kind_decode_or_say_why(pieces: list[bytes], encodings: bytes) -> None:
    seen(encodings, pieces)


def test_a_load_gives_all_the_room_back_though_nothing_collects_cycles() -> None:
    body = b'{"a": 1, "b": "' + b"x" * 100_000 + b'"}'

    def long(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    gc.collect()
    gc.disable()
    try:
        before = Content.room
        with ScriptedServer(long) as server:
            job = make_job(server.port, ClosedLoad(connections=8), seconds=0.2, expected=Expected(json_values={"a": 1}))
            result = ClosedExecution(job, lambda event: None).measure()
        assert result.ok > 8
        assert result.failures == {}
        assert Content.room == before
    finally:
        gc.enable()
