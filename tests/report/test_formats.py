"""In which formats results can be told, and how another package brings one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Call, call  # noqa: F401
from tests.factories import DEFAULT_TRUTHS, make_run
from tests.load_runs import load_run
from tests.other_package import install
from webdyno.analysis.load.analyse_load import analyse_load
from webdyno.api import ComparisonResult, LoadResult
from webdyno.errors import UsageError
from webdyno.questions.analysed import result_of
from webdyno.questions.keeping import kept_in
from webdyno.questions.options import DEFAULT_STORE
from webdyno.report.formats.table import find_format, format_names, format_of_file
from webdyno.store.database import Store

PLUGIN = """
from webdyno.report.formats.format import Format

def rows(result):
    stacks = result.analysis.stacks
    return "".join(f"{stack.notation},{stack.throughput.value:.0f}\\n" for stack in stacks if stack.throughput)

CSV = Format("csv", "a row for each stack", ".csv", {"comparison": rows})
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package that brings a format, and another one that is broken."""
    site = tmp_path / "site"
    install(site, "webdyno-csv", PLUGIN, "[webdyno.formats]\ncsv = webdyno_csv:CSV\nlost = webdyno_csv:LOST\n")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, "webdyno_csv", raising=False)


def comparison() -> ComparisonResult:
    return result_of(make_run(DEFAULT_TRUTHS[:2], blocks=3))


def load() -> LoadResult:
    run = load_run([1_000_000] * 5000)
    return LoadResult(run, analyse_load(run))


def test_each_format_is_found_under_its_own_name_and_by_the_end_of_a_file() -> None:
    for name in format_names():
        found = find_format(name)
        assert found.name == name
        assert format_of_file(Path(f"x{found.suffix.upper()}"), "--output") is found


@pytest.mark.parametrize("result", [comparison(), load()], ids=["comparison", "load"])
def test_a_result_is_told_in_every_format_that_it_names(result: ComparisonResult | LoadResult) -> None:
    told = {name: result.told(name) for name in result.formats}
    assert {"text", "json", "html"} <= told.keys()
    assert all(text.endswith("\n") for name, text in told.items() if name not in ("html", "svg"))
    assert json.loads(told["json"])["schema"] == 1
    assert "<html" in told["html"]
    assert "requests/s" in told["text"]


def test_what_a_format_cannot_tell_is_refused_with_what_it_can() -> None:
    with pytest.raises(UsageError, match="markdown tells of comparisons and gates, not of loads"):
        load().told("markdown")
    with pytest.raises(UsageError, match="there is no format 'xls'") as caught:
        comparison().told("xls")
    assert caught.value.remedy == "one of: text, json, markdown, html, svg"


def test_a_package_brings_a_format_that_every_comparison_can_be_told_in(plugin: None) -> None:
    result = comparison()
    assert result.formats == ("text", "json", "markdown", "html", "csv")
    assert result.told("csv").splitlines()[0].startswith("flask@gunicorn,")
    assert load().formats == ("text", "json", "html", "svg")


def test_the_command_line_prints_and_writes_in_it(plugin: None, call: Call, tmp_path: Path) -> None:  # noqa: F811
    result = comparison()
    with Store(tmp_path / ".webdyno" / "results.db") as store:
        store.update(result.run)
        result = kept_in(result, store, DEFAULT_STORE)
    printed = call("report", "--format", "csv", "--output", "x.csv", "--output", "x.md")
    assert (printed.returncode, printed.stdout) == (0, result.told("csv"))
    assert printed.stderr == "csv: x.csv\nmarkdown: x.md\n"
    assert (tmp_path / "x.csv").read_text() == result.told("csv")
    assert (tmp_path / "x.md").read_text() == result.told("markdown")
    listed = call("list", "formats", "--json")
    # The broken one is told by its name only where it is asked for.
    assert listed.returncode == 2 and "'lost'" in listed.stderr and "of the package webdyno-csv" in listed.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("compare", "--format", "xls"), "there is no format 'xls'"),
        (("compare", "--json", "--markdown"), "--json and --markdown cannot both be printed"),
        (("compare", "--output", "x.xls"), "--output x.xls is of no known format"),
        (("compare", "--output", "/etc/passwd/x.json"), "--output /etc/passwd/x.json cannot be written"),
        (("compare", "--output", "x.svg"), "--output x.svg: svg tells of loads, not of comparisons"),
        (
            ("load", "http://127.0.0.1:9/", "--format", "markdown"),
            "markdown tells of comparisons and gates, not of loads",
        ),
        (("doctor", "--format", "html"), "html tells of comparisons and loads, not of machines"),
    ],
)
def test_what_cannot_be_told_is_refused_before_anything_is_measured(
    call: Call,  # noqa: F811
    arguments: tuple[str, ...],
    said: str,
) -> None:
    done = call(*arguments)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
