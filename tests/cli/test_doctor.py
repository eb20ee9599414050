"""`webdyno doctor` end to end; the comparison with itself on real servers, in blocks shorter than the user's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil

from webdyno.analysis.machine.fitness import Fitness
from webdyno.model.floor import MarginFloor
from webdyno.model.notation import parse_notation
from webdyno.probes.host import host_facts
from webdyno.probes.machine import machine_key
from webdyno.questions.doctor import SAME
from webdyno.stacks.prepare import prepare
from webdyno.store.floor import floor_file, read_floor, write_floor

from .conftest import Call

SHORT = """
import sys
from webdyno.cli import main
from webdyno.questions import doctor
doctor.SPIN_S, doctor.WINDOW_S, doctor.WARMUP_S, doctor.LONGEST_S = 0.1, 0.2, 0.1, float(sys.argv.pop(1))
main()
"""
MACHINE = machine_key(host_facts())


def short(folder: Path, seconds: float, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SHORT, str(seconds), "doctor", *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_figure_is_found_told_and_kept_or_it_is_said_why_not(in_folder: Path) -> None:
    process = short(in_folder, 9, "--json")
    out, progress = process.communicate(timeout=120)
    fitness = Fitness.model_validate_json(json.dumps(json.loads(out)["analysis"]))
    assert fitness.machine == MACHINE
    assert fitness.same
    assert {check.name for check in fitness.checks} >= {"cores", "steal", "ports", "clock"}
    assert "block 1 of " in progress
    kept = read_floor(in_folder / ".webdyno", MACHINE)
    assert kept == fitness.same.floor
    # A busy machine may leave too few valid blocks.
    if kept is None:
        assert process.returncode == 3
    else:
        assert process.returncode == 0
        assert kept.differences["throughput"] > 0


def test_an_interruption_tells_what_was_seen_leaves_no_process_and_keeps_no_figure(in_folder: Path) -> None:
    process = short(in_folder, 60)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("block 1 "):
            break
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "descriptors" in out
    assert "is not known: it was interrupted" in " ".join(out.split())
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive
    assert not floor_file(in_folder / ".webdyno", MACHINE).exists()


def test_quick_only_looks_and_leaves_nothing_behind(call: Call, in_folder: Path) -> None:
    done = call("doctor", "--quick")
    assert done.returncode == 0
    assert "cores" in done.stdout
    assert "against itself" not in done.stdout
    assert list(in_folder.iterdir()) == []


def test_a_folder_that_cannot_be_used_ends_it_before_anything_is_done(call: Call, in_folder: Path) -> None:
    (in_folder / "file").write_text("")
    done = call("doctor", "--store", "file/results.db")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "cannot be made" in done.stderr


def test_both_names_of_the_stack_start_the_same_thing() -> None:
    first, second = (prepare(parse_notation(notation)) for notation in SAME)
    told_apart = {"stack", "notation"}
    assert first.model_dump(exclude=told_apart) == second.model_dump(exclude=told_apart)


def test_compare_takes_the_floor_of_this_machine_into_its_run(call: Call, in_folder: Path) -> None:
    floor = MarginFloor(
        machine=MACHINE,
        measured=datetime(2026, 11, 21, 16, tzinfo=UTC),
        seconds=120.0,
        blocks=8,
        differences={"throughput": 0.5},
    )
    write_floor(in_folder / ".webdyno", floor)
    quick = ("-n", "1", "-d", "0.2s", "--warmup", "0.1s", "--no-html", "--json")
    document = json.loads(call("compare", "bare-wsgi@gunicorn", *quick).stdout)
    assert MarginFloor.model_validate(document["floor"]) == floor


def test_a_duet_has_nothing_to_do_with_the_floor_of_stacks_in_turn(call: Call, in_folder: Path) -> None:
    floor = MarginFloor(
        machine=MACHINE,
        measured=datetime(2026, 11, 21, 16, tzinfo=UTC),
        seconds=120.0,
        blocks=8,
        differences={"cpu_per_request": 0.5},
    )
    write_floor(in_folder / ".webdyno", floor)
    quick = ("--duet", "-n", "1", "-d", "0.2s", "--warmup", "0.1s", "--no-html", "--json")
    document = json.loads(call("compare", "bare-wsgi@gunicorn", "bare-wsgi@waitress", *quick).stdout)
    assert document["floor"] is None


def test_a_damaged_floor_ends_compare_before_it_measures(call: Call, in_folder: Path) -> None:
    path = floor_file(in_folder / ".webdyno", MACHINE)
    path.parent.mkdir()
    path.write_text("{")
    done = call("compare", "bare-wsgi")
    assert done.returncode == 2
    assert "webdyno doctor" in done.stderr
