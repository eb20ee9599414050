from rich.console import Console

from tests.analysis.test_explanation import FASTAPI, FLASK, TRUTHS
from tests.factories import analysed, make_run
from webdyno.analysis.explanation import explain
from webdyno.model.notation import parse_notation
from webdyno.report.explain import render_explanation
from webdyno.stacks.layers import layered


def shown(width: int) -> str:
    sides = [layered(parse_notation(text)) for text in (FLASK, FASTAPI)]
    found = explain(analysed(make_run(TRUTHS, blocks=6, rate=None)), *sides)
    assert found
    console = Console(width=width, highlight=False, color_system=None)
    with console.capture() as capture:
        console.print(render_explanation(found, width=width))
    return capture.get()


def test_it_fits_into_80_columns_of_ascii() -> None:
    for width in (80, 100, 200):
        text = shown(width)
        assert text.isascii()
        assert max(map(len, text.splitlines())) <= min(width, 100)


def test_every_part_is_named_with_its_factor_and_interval_and_drawn_to_scale() -> None:
    text = shown(80)
    assert f"{FASTAPI} carries 2.7" in text
    for part in ("server, its interface", "framework, with a def", "async def in place", "CPU left unused"):
        line = next(line for line in text.splitlines() if part in line)
        assert "x" in line and "95 % CI" in line
    bars = [line.strip() for line in text.splitlines() if set(line.strip()) <= set("#=+%") and line.strip()]
    fast, slow = bars
    assert 2.4 < len(slow) / len(fast) < 3.1
    assert 1.7 < slow.count("#") / slow.count("=") < 2.4
