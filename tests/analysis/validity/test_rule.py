"""A reason of validity that another package brings."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import other_package
from tests.cli.conftest import Call, call  # noqa: F401
from tests.factories import make_run
from tests.load_runs import load_run
from webdyno.analysis.comparison.analyse import analyse
from webdyno.analysis.load.analyse_load import analyse_load
from webdyno.analysis.validity.rule import Rule, rules_of_others
from webdyno.errors import UsageError
from webdyno.store.database import Store

PACKAGE = """
from webdyno.analysis.load.analyse_load import analyse_load
from webdyno.analysis.validity.rule import Rule, Shown

def small(measured):
    trial = measured.trial
    if trial.phase == "saturation" and "granian" in trial.stack and trial.block in (1, 2):
        return Shown("invalid", {"rss": measured.rss_peak_bytes, "why": "<b>cold\\x1b[2J</b>"}, trial.block)
    if trial.phase == "rate" and "quart" in trial.stack:
        return Shown("caution", {"rss": 1000000 * trial.block, "why": "warm"}, trial.block)

SMALL = Rule("acme.small", "only {rss:bytes} were resident: {why}", small, "preload the app; see {why}")
def cold(measured):
    assert not hasattr(measured, "trial")
    return Shown("caution", {"rss": measured.result.ok, "why": measured.load.kind})

BOTH = Rule("acme.small", "only {rss:bytes} were resident: {why}", small, judge_load=cold)
FAILING = Rule("acme.failing", "{missing}", lambda measured: Shown("caution", {}))
WRONG = "no rule"
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Installs a package that brings the rule of this name."""

    def install(rule: str) -> None:
        site = tmp_path / "site"
        other_package.install(site, "webdyno-acme", PACKAGE, f"[webdyno.validity]\nacme = webdyno_acme:{rule}\n")
        monkeypatch.syspath_prepend(str(site))
        monkeypatch.delitem(sys.modules, "webdyno_acme", raising=False)
        rules_of_others.cache_clear()

    rules_of_others.cache_clear()
    yield install
    rules_of_others.cache_clear()


def test_its_reason_takes_trials_out_of_every_average(installed: Callable[[str], None]) -> None:
    before = analyse(make_run()).stack("fastapi@granian")
    installed("SMALL")
    analysis = analyse(make_run())
    after = analysis.stack("fastapi@granian")
    assert before.throughput and after.throughput
    assert (before.throughput.blocks, after.throughput.blocks) == (6, 4)
    (reason,) = (reason for reason in after.reasons if reason.name == "acme.small")
    assert (reason.severity, reason.phase, reason.blocks) == ("invalid", "saturation", (1, 2))
    assert reason.what.figures["why"] == "<b>cold\x1b[2J</b>"
    (warned,) = (r for r in analysis.stack("quart@gunicorn?worker_class=uvicorn").reasons if r.name == "acme.small")
    assert (warned.severity, warned.sentence) == ("caution", "only 6.00 MB were resident: warm")


def test_a_load_is_judged_only_by_what_is_made_for_one(installed: Callable[[str], None]) -> None:
    run = load_run([1e6] * 1000)
    installed("SMALL")
    assert [reason.name for reason in analyse_load(run).reasons] == []


def test_its_reason_is_told_of_a_load_where_it_says_how(installed: Callable[[str], None]) -> None:
    installed("BOTH")
    (reason,) = analyse_load(load_run([1e6] * 1000)).reasons
    assert (reason.name, reason.sentence) == ("acme.small", "only 1.00 kB were resident: closed")


def test_a_stored_run_is_reported_with_it_in_every_format_and_nothing_of_it_acts(
    installed: Callable[[str], None],
    call: Call,  # noqa: F811
    tmp_path: Path,
) -> None:
    with Store(tmp_path / ".webdyno" / "results.db") as store:
        store.update(make_run())
    installed("SMALL")
    told = {name: call("report", "--format", name).stdout for name in ("text", "markdown", "html", "json")}
    (stack,) = (one for one in json.loads(told["json"])["analysis"]["stacks"] if one["notation"] == "fastapi@granian")
    (reason,) = (one for one in stack["reasons"] if one["name"] == "acme.small")
    assert reason["what"]["key"] == "acme.small"
    assert reason["sentence"].startswith("only ")
    assert "were resident: <b>cold\\x1b[2J</b> (blocks 1, 2)" in " ".join(told["text"].split())
    assert r"\<b\>cold\\x1b\[2J\</b\>" in told["markdown"]
    assert "&lt;b&gt;cold" in told["html"] and "<b>cold" not in told["html"]
    assert not any("\x1b" in text for text in told.values())


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("WRONG", "the entry 'acme' (webdyno_acme:WRONG) of the package webdyno-acme cannot be loaded: it is a str"),
        ("FAILING", "the rule of validity acme.failing fails: KeyError: 'missing'"),
    ],
)
def test_a_broken_one_is_told_with_its_name(installed: Callable[[str], None], rule: str, said: str) -> None:
    installed(rule)
    with pytest.raises(UsageError) as caught:
        analyse(make_run(blocks=1))
    assert said in caught.value.message


def test_one_that_cannot_be_loaded_is_refused_before_anything_is_measured(
    installed: Callable[[str], None],
    call: Call,  # noqa: F811
) -> None:
    installed("WRONG")
    for command in (("compare", "flask@gunicorn"), ("load", "http://127.0.0.1:9/")):
        done = call(*command)
        assert (done.returncode, done.stdout) == (2, "")
        assert "the package webdyno-acme cannot be loaded" in " ".join(done.stderr.split())


def test_no_reason_of_webdyno_can_be_taken_over() -> None:
    with pytest.raises(ValueError, match=r"PACKAGE\.REASON"):
        Rule("lag", "late", lambda _: None)
