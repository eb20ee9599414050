"""`webdyno load` end to end, against scripted servers in this process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.loadgen.server import Exchange, ScriptedServer, answer, good, refused_port
from webdyno.questions.load.earlier import read_earlier
from webdyno.store.database import Store

from .conftest import Call, Done
from .measured import assert_measured

QUICK = ("-d", "0.3s", "--warmup", "0s", "-c", "2")


def _url(server: ScriptedServer, path: str = "/") -> str:
    return f"http://127.0.0.1:{server.port}{path}"


def test_the_summary_names_the_time_and_fits_80_columns(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with ScriptedServer(good) as server:
        done = call("load", _url(server, "/items?x=1"), *QUICK)
    assert_measured(done)
    for words in ("requests/s", "service time, ms", "p99.9", "connections", "generator", "closed, 2 connections"):
        assert words in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    assert "\x1b" not in done.stdout + done.stderr


def test_the_help_fits_80_columns(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, call("load", "--help").stdout.splitlines())) <= 80


def test_every_right_answer_was_asked_of_the_server(call: Call) -> None:
    with ScriptedServer(good) as server:
        done = call("load", _url(server), *QUICK, "--json")
        asked = server.counts["requests"]
    result = json.loads(done.stdout)["result"]
    # One more before the load, to see what answers there.
    assert result["ok"] + result["unfinished"] == asked - 1
    assert result["failures"] == {}


def test_an_open_load_reports_response_time(call: Call) -> None:
    with ScriptedServer(good) as server:
        done = call("load", _url(server), "-r", "100", "--arrivals", "constant", *QUICK, "--json")
    document = json.loads(done.stdout)
    assert document["schema"] == 1
    assert document["load"]["arrivals"] == "constant"
    assert document["result"]["scheduled"] == 30
    assert document["analysis"]["latency"]["kind"] == "response time"


def test_the_document_reads_back_and_stands_beside_a_later_load(call: Call, in_folder: Path) -> None:
    with ScriptedServer(good) as server:
        first = call("load", _url(server), *QUICK, "--json")
        (in_folder / "earlier.json").write_text(first.stdout)
        second = call("load", _url(server), *QUICK, "--compare", "earlier.json")
    assert_measured(second)
    assert "earlier.json" in second.stdout
    assert "no verdict" in " ".join(second.stdout.split())
    assert "webdyno compare" in second.stdout
    assert read_earlier(in_folder / "earlier.json")[0].result.ok == json.loads(first.stdout)["result"]["ok"]


def test_a_missed_threshold_is_shown_with_its_value_and_ends_in_1(call: Call) -> None:
    with ScriptedServer(good) as server:
        done = call("load", _url(server), *QUICK, "--threshold", "throughput>99999999", "--threshold", "errors<1%")
    assert "MISSED" in done.stdout
    assert "errors<1%  0 %" in done.stdout
    # Where the machine was too busy for the load to be valid, that is said first.
    assert (done.returncode == 3) == ("NOT VALID" in done.stdout)
    assert_measured(done, code=1)


def test_failures_are_counted_by_kind_with_an_example(call: Call) -> None:
    def often_wrong(exchange: Exchange) -> None:
        exchange.send(answer() if exchange.number % 2 == 0 else answer(b"\x1b[31mno", status="503 Unavailable"))

    with ScriptedServer(often_wrong) as server:
        done = call("load", _url(server), *QUICK)
    assert_measured(done)
    assert "statuses 503:" in done.stdout
    assert "such as: status 503 instead of 200" in done.stdout
    assert "\x1b" not in done.stdout


def test_nothing_but_wrong_answers_is_not_valid(call: Call) -> None:
    def right_once(exchange: Exchange) -> None:
        exchange.send(answer() if exchange.number == 0 else answer(status="500 Broken"))

    with ScriptedServer(right_once) as server:
        done = call("load", _url(server), *QUICK)
    assert done.returncode == 3
    assert "NOT VALID" in done.stdout
    assert "curl -i" in done.stdout


def test_headers_method_body_and_host_reach_the_server_and_secrets_stay_out_of_the_document(call: Call) -> None:
    bodies: set[bytes] = set()

    def noting(exchange: Exchange) -> None:
        bodies.add(exchange.body)
        good(exchange)

    with ScriptedServer(noting) as server:
        url = f"http://localhost:{server.port}/"
        given = ("--method", "post", "--body", "a=1", "--header", "Authorization: Bearer xyzzy")
        done = call("load", url, *QUICK, *given, "--json")
    assert_measured(done)
    assert bodies == {b"a=1"}
    assert "xyzzy" not in done.stdout + done.stderr
    assert json.loads(done.stdout)["method"] == "POST"


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("html", b"<!DOCTYPE html>")])
def test_the_plot_is_a_file_of_its_kind(call: Call, in_folder: Path, kind: str, start: bytes) -> None:
    with ScriptedServer(good) as server:
        done = call("load", _url(server), *QUICK, "--plot", f"times.{kind}")
    assert_measured(done)
    assert (in_folder / f"times.{kind}").read_bytes().lstrip().startswith(start)


@pytest.mark.parametrize(
    ("script", "arguments", "words"),
    [
        (lambda exchange: exchange.send(answer(status="404 Not Found")), (), "--status 404"),
        (lambda exchange: exchange.send(answer(status="302 Found", headers="Location: /in\r\n")), (), "Location: /in"),
        (good, ("--status", "201"), "where 201 is expected"),
        (good, ("--expect-body", "other"), "another body"),
        (lambda exchange: exchange.send(b"SSH-2.0-x\r\n"), (), "not HTTP"),
        (lambda exchange: exchange.close(), (), "closed the connection"),
        (lambda exchange: exchange.close(), (), "whether it serves HTTP/1.1"),
        (lambda exchange: None, ("--timeout", "0.2s"), "no answer"),
    ],
)
def test_another_first_answer_than_expected_ends_in_one_line(
    call: Call, script: object, arguments: tuple[str, ...], words: str
) -> None:
    with ScriptedServer(script) as server:  # type: ignore[arg-type]
        done = call("load", _url(server), *QUICK, *arguments)
        assert server.counts["requests"] == 1
    assert done.returncode == 3
    assert words in done.stderr
    assert done.stdout == ""


def test_an_unreachable_server_is_said_in_one_line(call: Call) -> None:
    done = call("load", f"http://127.0.0.1:{refused_port()}/", *QUICK)
    assert done.returncode == 3
    assert "takes no connection: connection refused" in done.stderr
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["127.0.0.1:8000"], "has no scheme"),
        (["ftp://127.0.0.1/"], "neither an http:// nor an https:// URL"),
        (["http://"], "no valid host"),
        (["http://127.0.0.1:99999/"], "cannot be read"),
        (["http://127.0.0.1:0/"], "port 0"),
        (["http://[::1/"], "cannot be read"),
        (["http://[fe80::1%25eth0]/"], "host"),
        (["http://127.0.0.1/a b"], "percent-encode"),
        (["http://127.0.0.1/\r\nX: y"], "percent-encode"),
        (["http://127.0.0.1/#top"], "fragment"),
        (["http://no-such-host.invalid/"], "cannot be resolved"),
        (["http://127.0.0.1/", "-c", "0"], "--connections 0"),
        (["http://127.0.0.1/", "-r", "nan"], "--rate nan"),
        (["http://127.0.0.1/", "--arrivals", "constant"], "--rate"),
        (["http://127.0.0.1/", "-d", "0s"], "--duration 0s"),
        (["http://127.0.0.1/", "--timeout", "soon"], "--timeout"),
        (["http://127.0.0.1/", "--header", "Bad Name: x"], "--header"),
        (["http://127.0.0.1/", "--header", "Content-Length: 3"], "Content-Length"),
        (["http://127.0.0.1/", "--header", "no-colon"], "--header"),
        (["http://127.0.0.1/", "--plot", "x.gif"], ".svg"),
        (["http://127.0.0.1/", "--plot", "/proc/self/cmdline/x.svg"], "no folder that you may write to"),
        (["http://127.0.0.1/", "--ca", "ca.pem"], "--ca is for TLS"),
        (["http://127.0.0.1/", "--insecure"], "--insecure is for TLS"),
        (["https://127.0.0.1/", "--ca", "missing.pem"], "missing.pem cannot be read"),
        (["https://127.0.0.1/", "--ca", "x.pem", "--insecure"], "exclude each other"),
        (["http://127.0.0.1/", "--no-keep-alive", "--requests-per-connection", "3"], "exclude each other"),
        (["http://127.0.0.1/", "--compressed", "--header", "accept-encoding: br"], "exclude each other"),
        (["http://127.0.0.1/", "--unix-socket", ""], "--unix-socket ''"),
        (["http://127.0.0.1/", "--method", ""], "--method"),
        (["http://127.0.0.1/", "--user", "@missing"], "missing cannot be read"),
        (["http://127.0.0.1/", "--compare", "missing.json"], "missing.json"),
        (["http://127.0.0.1/", "--threshold", "p99<<5ms"], "     ^"),
    ],
)
def test_wrong_use_is_refused_before_anything_is_sent(call: Call, arguments: list[str], words: str) -> None:
    done = call("load", *arguments)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_credentials_in_a_url_are_refused_and_not_repeated(call: Call) -> None:
    for url in ("http://me:hunter2@127.0.0.1/", "https://me:hunter2@127.0.0.1/", "me:hunter2@127.0.0.1"):
        done = call("load", url)
        assert done.returncode == 2
        assert "hunter2" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", '{"document": "load", "schema": 2}', '{"document": "load", "schema": 1}']
)
def test_a_document_that_is_not_a_load_is_refused(call: Call, in_folder: Path, content: str) -> None:
    (in_folder / "other.json").write_text(content)
    done = call("load", "http://127.0.0.1/", "--compare", "other.json")
    assert done.returncode == 2
    assert "other.json" in done.stderr


def test_an_earlier_load_with_a_damaged_histogram_is_refused_before_anything_is_sent(
    call: Call, in_folder: Path
) -> None:
    with ScriptedServer(good) as server:
        document = json.loads(call("load", _url(server), *QUICK, "--json").stdout)
        document["result"]["service"] = "HISTFAAAA"
        (in_folder / "damaged.json").write_text(json.dumps(document))
        before = server.counts["requests"]
        done = call("load", _url(server), *QUICK, "--compare", "damaged.json")
        assert server.counts["requests"] == before
    assert done.returncode == 2
    assert "damaged.json is damaged" in done.stderr
    assert "in block" not in done.stderr


def test_a_comparison_that_nobody_would_see_is_refused(call: Call, in_folder: Path) -> None:
    done = call("load", "http://127.0.0.1/", "--json", "--compare", "x.json")
    assert done.returncode == 2
    assert "--compare" in done.stderr
    assert "--plot" in done.stderr


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_reader_that_left_early_does_not_change_the_exit_code(tmp_path: Path, form: tuple[str, ...]) -> None:
    def ended(*threshold: str) -> Done:
        command = [sys.executable, "-m", "webdyno", "load", _url(server), *QUICK, *form, *threshold]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        said = process.stderr.read()
        process.stderr.close()
        return Done(process.wait(timeout=30), "", said, tmp_path)

    with ScriptedServer(good) as server:
        met = ended("--threshold", "errors<1%")
        assert_measured(met)
        missed = ended("--threshold", "throughput>99999999")
        assert_measured(missed, code=1)
    assert met.stderr == missed.stderr == ""


@pytest.mark.parametrize("closed", ["0<", "1>", "2>", "0<&-; exec 1>&-; exec 2>"])
def test_closed_standard_streams_cost_no_more_than_what_would_go_there(tmp_path: Path, closed: str) -> None:
    with ScriptedServer(good) as server:
        command = f'exec {closed}&-; exec "$0" "$@"'
        arguments = [sys.executable, "-m", "webdyno", "load", _url(server), *QUICK]
        done = subprocess.run(
            ["/bin/sh", "-c", command, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert server.counts["requests"] > 2
    given = "1" not in closed
    assert_measured(Done(done.returncode, done.stdout, done.stderr, tmp_path), code=0 if given else 3)
    assert ("requests/s" in done.stdout) == given
    assert ("cannot be written" in done.stderr) == (closed == "1>")


def test_an_error_that_nobody_can_read_is_still_in_the_exit_code(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "webdyno", "load", f"http://127.0.0.1:{refused_port()}/", *QUICK]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr
    process.stderr.close()
    assert process.wait(timeout=30) == 3


def test_output_that_cannot_be_written_is_said_with_where_the_load_is_kept(tmp_path: Path) -> None:
    with ScriptedServer(good) as server, Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "webdyno", "load", _url(server), *QUICK]
        done = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 3
    assert "No space left on device" in done.stderr
    assert "webdyno report" in done.stderr
    with Store(tmp_path / ".webdyno" / "results.db") as store:
        assert [header.kind for header in store.list()] == ["load"]
    assert "Traceback" not in done.stderr


def test_ctrl_c_before_the_command_is_loaded_ends_it_silently(tmp_path: Path) -> None:
    # The signal comes while the first module of the command is being imported.
    code = (
        "import os, signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'webdyno.cli.app': os.kill(os.getpid(), signal.SIGINT)\n"
        "from webdyno.cli import main\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 130
    assert done.stderr == ""


def test_ctrl_c_tells_the_part_that_was_measured_and_leaves_no_process(tmp_path: Path) -> None:
    with ScriptedServer(good) as server:
        command = [sys.executable, "-m", "webdyno", "load", _url(server), "-r", "50", "-d", "60s", "--warmup", "0s"]
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
        )
        # By then at least one second of the window has been told.
        while server.counts["requests"] < 90:
            assert process.poll() is None, process.communicate()
        started = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert "no result, only this part" in err
    assert "of 1 min" in err
    assert "errors" in err
    _, alive = psutil.wait_procs(started, timeout=10)
    assert alive == []
