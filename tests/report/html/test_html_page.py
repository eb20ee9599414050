import base64
import hashlib
import json
import re
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
import vl_convert

from tests.factories import DEFAULT_TRUTHS, Truth, make_run
from webdyno.analysis.comparison.analyse import analyse
from webdyno.analysis.comparison.analysis import Analysis
from webdyno.model.note import Note
from webdyno.model.run import Continuation, Run
from webdyno.model.trial import FailureSample
from webdyno.report.html.page import render
from webdyno.report.html.theme import CONFIG
from webdyno.units import printable

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'--></style></script><svg onload=alert(1)>",
    "</pre></td><iframe src=https://example.com>",
    "{{ 7 * 7 }}{% raw %}\u2028\u202e\x1b[2J\x00",
)


class Page(HTMLParser):
    """What a browser would make of it: the elements with their attributes, and the text of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[str, str]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self.raw.append((tag, ""))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem:
            tag, before = self.raw[-1]
            self.raw[-1] = (tag, before + data)
        else:
            self.text += data

    def structure(self) -> list[tuple[str, list[str]]]:
        return [(tag, list(attrs)) for tag, attrs in self.elements if tag != "wbr"]

    def charts(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(next(text for _, text in self.raw if text.startswith("{")))
        return document


def told(run: Run) -> str:
    return render(run, analyse(run))


@cache
def default_analysis() -> Analysis:
    return analyse(make_run())


@cache
def default_page() -> str:
    return render(make_run(), default_analysis())


def test_the_answer_is_the_headline() -> None:
    analysis = default_analysis()
    headline = re.search(r"<h1>(.*?)</h1>", default_page())
    assert headline
    assert analysis.sentences[0].startswith(headline[1])
    assert headline[1].startswith("fastapi@granian is fastest: 3.")


def test_every_stack_appears_with_its_command_and_its_versions() -> None:
    text = Page(default_page()).text
    for record in make_run().stacks:
        assert record.notation in text
        assert f"python -m {record.stack.server}" in text
        for package in record.packages.items():
            assert " ".join(package) in re.sub(r"\s+", " ", text)


def test_what_was_measured_and_how_is_on_the_page() -> None:
    run = make_run(blocks=4, notes=("PSI could not be read",))
    analysis = analyse(run)
    page = render(run, analysis)
    assert "<li>PSI could not be read</li>" in page
    text = re.sub(r"\s+", " ", Page(page).text)
    assert "run 20251121T083000-7f3a" in text
    assert "21 November 2025" in text
    assert "AMD EPYC 7B13" in text
    assert "servers on CPU 1, load generator on CPU 0" in text
    assert "open, poisson arrivals at 1640/s" in text
    assert "CurrentThreadExecutor already quit or is broken" in text
    assert "RuntimeError: no more" in text
    assert "--seed 7 --blocks 4" in text
    for stack in analysis.stacks:
        for reason in stack.reasons:
            assert reason.sentence in text
            assert reason.remedy in text


def test_every_chart_is_drawn_and_together_they_name_all_stacks() -> None:
    page = Page(default_page())
    specs = page.charts()["specs"]
    places = {attrs["id"] for _, attrs in page.elements if attrs.get("class") == "chart"}
    assert set(specs) == places == {f"chart-{n}" for n in ("throughput", "response", "cpu", "memory", "errors")}
    pictures = {name: vl_convert.vegalite_to_svg(spec, config=CONFIG) for name, spec in specs.items()}
    for name, picture in pictures.items():
        assert "var(--stack-" in picture, name
    for stack in DEFAULT_TRUTHS:
        assert any(json.dumps(stack.notation)[1:-1] in json.dumps(spec) for spec in specs.values())
    assert "fastapi@granian" in pictures["chart-throughput"]


def test_each_chart_says_its_main_figures_to_those_who_cannot_see_it() -> None:
    analysis = default_analysis()
    labels = [attrs["aria-label"] or "" for _, attrs in Page(default_page()).elements if attrs.get("role") == "img"]
    assert len(labels) == 5
    for notation in analysis.ranking:
        assert all(notation in label for label in labels[:4])


def test_a_stack_has_one_letter_and_one_colour_everywhere() -> None:
    page = default_page()
    badges = set(re.findall(r'<span class="letter stack-(\d)">(\w+)</span>', page))
    assert len(badges) == 6
    domains = [
        layer["encoding"]["color"]["scale"]["domain"]
        for spec in Page(page).charts()["specs"].values()
        for layer in spec["layer"]
        if "color" in layer.get("encoding", {})
    ]
    assert {tuple(domain) for domain in domains} == {tuple(letter for _, letter in sorted(badges))}


def test_nothing_is_loaded_from_anywhere() -> None:
    page = Page(default_page())
    for tag, attrs in page.elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base")
        assert "src" not in attrs
        assert (attrs.get("href") or "#").startswith("#")
    (style,) = (text for tag, text in page.raw if tag == "style")
    assert "url(" not in style
    assert "@import" not in style


def test_the_policy_permits_the_inlined_code_by_hash_and_nothing_else() -> None:
    page = Page(default_page())
    policy = next(a["content"] or "" for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    code = [text for tag, text in page.raw if tag == "style" or not text.startswith("{")]
    assert len(code) == 3
    for text in code:
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in policy


def with_text(text: str) -> Run:
    """A run in which everything that may come from outside is this text."""
    notation = f"flask@gunicorn?x={text}"
    run = make_run((Truth("flask@gunicorn", 3000, 300, failing=0.004), Truth("quart@hypercorn", 5000, 200)), blocks=2)
    run = run.model_copy(
        update={
            "id": text,
            "notes": (Note(text=text),),
            "host": run.host.model_copy(update={"cpu_model": text, "kernel": text, "system": text}),
            "experiment": run.experiment.model_copy(
                update={"stacks": (notation, "quart@hypercorn"), "baseline": notation}
            ),
        }
    )
    hostile = {
        "notation": notation,
        "argv": ("python", text),
        "env": {text: text},
        "cwd": text,
        "packages": {text: text},
        "notes": (Note(text=text),),
    }
    records = (run.stacks[0].model_copy(update=hostile), *run.stacks[1:])
    trials = []
    for trial in run.trials:
        if trial.stack == "flask@gunicorn" and trial.result:
            sample = FailureSample(kind="status", detail=text)
            result = trial.result.model_copy(update={"failure_samples": (sample,)})
            trial = trial.model_copy(update={"stack": notation, "result": result})
        trials.append(trial)
    dead = trials[0].model_copy(
        update={"result": None, "resources": None, "failure": Note(text=text), "server_output": (text, text)}
    )
    return run.model_copy(update={"stacks": records, "trials": (*trials, dead)})


@cache
def harmless_structure() -> list[tuple[str, list[str]]]:
    return Page(told(with_text("harmless"))).structure()


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_came_from_outside_comes_to_life(text: str) -> None:
    page = told(with_text(text))
    assert Page(page).structure() == harmless_structure()
    assert Page(page).text.count(printable(text)) > 10
    assert text not in page
    assert not set("\x00\x1b\u2028\u202e") & set(page.replace(_library(), ""))


def _library() -> str:
    return max((text for _, text in Page(default_page()).raw), key=len)


def test_hostile_names_reach_the_charts_as_text() -> None:
    specs = Page(told(with_text(HOSTILE[0]))).charts()["specs"]
    picture = vl_convert.vegalite_to_svg(specs["chart-throughput"], config=CONFIG)
    assert "<script" not in picture
    assert "alert(1)" in picture


def test_the_command_that_measures_again_names_what_is_masked() -> None:
    run = make_run(blocks=1)
    workload = run.experiment.workload
    headers = (("Authorization", "Bearer ***"), ("X-Api-Key", "${env.KEY}"), ("Accept", "text/x"))
    request = workload.request.model_copy(update={"headers": headers, "path": "/?token=***"})
    own = workload.model_copy(update={"name": "own", "part": None, "request": request})
    plan = run.experiment.model_copy(update={"workload": own})
    record = run.stacks[0].model_copy(update={"env": {"DB_PASSWORD": "***", "MODE": "bench"}})
    page = Page(told(run.model_copy(update={"experiment": plan, "stacks": (record, *run.stacks[1:])})))
    assert "DB_PASSWORD=***" in page.text and "MODE=bench" in page.text
    assert "with the masked secrets in the environment" in page.text
    assert "--path '/?token=${env.SECRET1}'" in page.text
    assert "--header 'Authorization: Bearer ${env.SECRET2}' --header 'X-Api-Key: ${env.KEY}'" in page.text


def test_an_interrupted_run_says_so_and_shows_what_there_is() -> None:
    run = make_run(blocks=2, state="interrupted")
    page = Page(told(run.model_copy(update={"trials": run.trials[:20]})))
    assert "This run was interrupted" in page.text
    assert "chart-throughput" in page.charts()["specs"]


def test_one_block_has_figures_and_no_interval() -> None:
    page = Page(told(make_run(blocks=1)))
    spec = page.charts()["specs"]["chart-throughput"]
    rows = spec["data"]["values"]
    assert [row["low"] for row in rows] == [None] * 5
    assert "fastapi@granian" in vl_convert.vegalite_to_svg(spec, config=CONFIG)


def test_a_run_without_a_valid_stack_says_that_the_question_is_open() -> None:
    page = Page(
        told(
            make_run(
                tuple(Truth(t.notation, t.throughput, t.cpu_us, failing=0.5) for t in DEFAULT_TRUTHS[:3]), blocks=2
            )
        )
    )
    assert "The main question is not answered" in page.text
    assert "No stack has a valid throughput." in page.text
    assert set(page.charts()["specs"]) == {"chart-errors"}


def test_a_run_without_a_single_trial_can_be_told() -> None:
    page = Page(told(make_run(blocks=1, state="failed").model_copy(update={"trials": (), "stacks": ()})))
    assert page.charts()["specs"] == {}
    assert "This run failed" in page.text
    assert "The main question is not answered" in page.text
    assert "No request was sent." in page.text


def test_a_run_without_a_fixed_rate_shows_service_time_and_calls_it_so() -> None:
    page = Page(told(make_run(rate=None, blocks=2)))
    assert "Service time at saturation" in page.text
    assert "Response time at the fixed rate" not in page.text
    assert "service time (ms, log)" in json.dumps(page.charts()["specs"]["chart-response"])


def test_more_stacks_than_colours_keep_their_own_letters() -> None:
    stacks = tuple(Truth(f"flask@gunicorn?workers={n}", 1000 + 100 * n, 300) for n in range(1, 12))
    badges = set(re.findall(r'class="letter stack-(\d)">(\w+)<', told(make_run(stacks, blocks=2, rate=None))))
    assert len({letter for _, letter in badges}) == 11
    assert len({colour for colour, _ in badges}) == 8


def test_the_same_run_gives_the_same_page_of_moderate_size() -> None:
    again = render(make_run(), default_analysis())
    assert again == default_page()
    assert len(again.encode()) < 2_000_000


def test_a_quick_run_tells_its_order_first_and_how_to_repeat_it() -> None:
    run = make_run(rate=None, blocks=3)
    plan = run.experiment.model_copy(
        update={"quick": True, "looks": (3,), "metrics": ("throughput",), "max_time_s": 40.0}
    )
    page = Page(told(run.model_copy(update={"experiment": plan})))
    assert "--quick --max-time 40s --metric throughput" in page.text
    assert "--blocks" not in page.text
    assert "order by throughput is known after 3 blocks" in page.text


def test_a_run_that_went_on_until_it_was_precise_says_how_to_repeat_it() -> None:
    run = make_run(rate=None, blocks=3)
    plan = run.experiment.model_copy(update={"precision": 0.03, "metrics": ("cpu_per_request", "memory")})
    page = Page(told(run.model_copy(update={"experiment": plan})))
    assert "--precision 3% --max-time 150s --metric cpu_per_request --metric memory" in page.text
    assert "--blocks" not in page.text
    assert "The CPU time per request of" in page.text


def test_a_page_with_ratios_at_another_level_claims_95_percent_for_none_of_them() -> None:
    run = make_run((Truth("flask@gunicorn", 3300, 290), Truth("fastapi@granian", 11600, 84)), blocks=12)
    later = (Continuation(started=run.started, after=6, python="3.13", webdyno="1"),)
    plan = run.experiment.model_copy(update={"looks": (6, 12)})
    run = run.model_copy(update={"continuations": later, "experiment": plan})
    page = render(run, analyse(run))
    assert "98.8 %" in page
    assert "95 % interval, or the ratio" not in page
    assert "of 95 % where no other level is named" in page
