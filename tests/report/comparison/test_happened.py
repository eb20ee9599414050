"""What happened in the blocks, in each format."""

from __future__ import annotations

import io

from rich.console import Console

from tests.analysis.comparison.test_block_differences import SLOW, THREE, calm, hit
from webdyno.analysis.comparison.analyse import analyse
from webdyno.model.run import Run
from webdyno.report.comparison.markdown import to_markdown
from webdyno.report.comparison.terminal import render
from webdyno.report.html.page import render as render_page

DISTURBED = hit(calm(THREE), THREE, {(3, SLOW)}, 0.55, others=0.9)


def terminal(run: Run, *, verbose: bool) -> str:
    console = Console(width=80, file=io.StringIO())
    with console.capture() as shown:
        console.print(render(run, analyse(run), verbose=verbose))
    return shown.get()


def test_the_default_screen_has_one_note_about_it_and_verbose_all() -> None:
    short, long = (terminal(DISTURBED, verbose=verbose) for verbose in (False, True))
    assert "other processes used 0.90 CPUs" in short
    assert "What happened" not in short and "in no verdict" not in short
    assert "What happened" in long and "without block 3 (in no verdict)" in long
    assert long.startswith(short.split("verdicts at 5 %")[0].rstrip())
    assert all(len(line) <= 80 for line in long.splitlines())


def test_verbose_says_so_where_nothing_happened() -> None:
    assert "the blocks do not differ much, or are too few to tell" in terminal(calm(THREE), verbose=True)


def test_markdown_and_the_page_have_it_to_be_opened_where_blocks_differ() -> None:
    markdown, page = (write(DISTURBED, analyse(DISTURBED)) for write in (to_markdown, render_page))
    for text in (markdown, page):
        assert "What happened" in text
        assert "without block 3 (in no verdict)" in text
    quiet = calm(THREE)
    for text in (to_markdown(quiet, analyse(quiet)), render_page(quiet, analyse(quiet))):
        assert "What happened" not in text
