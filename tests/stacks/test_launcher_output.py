from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from webdyno.stacks.launch_output import readable, tail


def test_colours_go_and_other_controls_are_escaped() -> None:
    assert readable("\x1b[1;31mError\x1b[0m\tat \x1b[2Jhome \x07\u202e") == "Error   at \\x1b[2Jhome \\x07\\u202e"


@given(st.text(max_size=500))
def test_nothing_that_moves_the_cursor_is_left_and_lines_are_short(text: str) -> None:
    line = readable(text)
    assert len(line) <= 240
    assert line.isprintable()
    line.encode()


def test_only_the_last_lines_are_read(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n\n" for number in range(100_000)))
    assert tail(log, 2) == ("line 99998", "line 99999")


def test_a_log_that_is_gone_or_empty_has_no_lines(tmp_path: Path) -> None:
    assert tail(tmp_path / "log", 5) == ()
    (tmp_path / "log").touch()
    assert tail(tmp_path / "log", 5) == ()
