"""The tree's figures against processes that tell their own truth."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from webdyno.probes.tree import ProcessTree

pytestmark = pytest.mark.paced

PRELUDE = """
import json, os, resource, signal, sys, threading, time

def burn(seconds):
    start = time.process_time()
    while time.process_time() - start < seconds:
        pass

def say(**what):
    sys.stdout.write(json.dumps(what) + "\\n")
    sys.stdout.flush()

def wait():
    return sys.stdin.readline()
"""


class Script:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.pid = process.pid

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        heard: dict[str, Any] = json.loads(self.process.stdout.readline())
        return heard

    def go_on(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()


@contextmanager
def running(source: str) -> Iterator[Script]:
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", PRELUDE + source],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield Script(process)
        finally:
            process.kill()


def test_cpu_time_of_living_processes_is_what_they_say_of_themselves() -> None:
    source = """
ends = []
for _ in range(2):
    mine, its = os.pipe()
    held, hold = os.pipe()
    if os.fork() == 0:
        os.close(hold)
        burn(0.1)
        os.write(its, str(time.process_time()).encode())
        os.read(held, 1)
        os._exit(0)
    os.close(held)
    ends.append((mine, hold))
say(children=[float(os.read(mine, 99)) for mine, _ in ends], own=time.process_time())
wait()
"""
    with running(source) as script:
        truth = script.hear()
        sample = ProcessTree(script.pid).sample()
    assert sample.processes == 3
    assert sample.cpu_s == pytest.approx(sum(truth["children"]) + truth["own"], abs=0.02)


def test_cpu_time_of_the_kernels_clock_is_finer_than_a_tick() -> None:
    with running("burn(0.003); say(used=time.process_time()); wait()") as script:
        used = script.hear()["used"]
        assert ProcessTree(script.pid).sample().cpu_s == pytest.approx(used, abs=0.004)


def test_workers_that_die_and_are_replaced_keep_counting() -> None:
    source = """
for _ in range(4):
    child = os.fork()
    if child == 0:
        burn(0.06)
        os._exit(0)
    os.waitpid(child, 0)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    say(used=usage.ru_utime + usage.ru_stime + time.process_time(), done=True)
    wait()
"""
    with running(source) as script:
        tree = ProcessTree(script.pid)
        last = tree.sample().cpu_s
        for _ in range(4):
            used = script.hear()["used"]
            now = tree.sample().cpu_s
            assert now >= last
            assert now == pytest.approx(used, abs=0.05)
            last = now
            script.go_on()


def test_workers_that_nobody_waits_for_keep_what_they_had_used() -> None:
    source = """
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
held, hold = os.pipe()
ended, end = os.pipe()
if os.fork() == 0:
    os.close(hold); os.close(ended)
    burn(0.1)
    say(ready=True)
    os.read(held, 1)
    os._exit(0)
os.close(end)
wait()
os.write(hold, b".")
os.read(ended, 1)
say(gone=True)
wait()
"""
    with running(source) as script:
        tree = ProcessTree(script.pid)
        script.hear()
        before = tree.sample()
        script.go_on()
        script.hear()
        # The child's pipe ends a moment before the child does.
        while (after := tree.sample()).processes > 1:
            pass
    assert before.processes == 2
    assert before.cpu_s <= after.cpu_s <= before.cpu_s + 0.05


def test_memory_threads_and_descriptors_grow_by_what_was_taken() -> None:
    source = """
say(ready=True)
wait()
kept = b"x" * (64 << 20)
files = [os.open("/dev/null", os.O_RDONLY) for _ in range(20)]
for _ in range(5):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
say(ready=True)
wait()
"""
    with running(source) as script:
        tree = ProcessTree(script.pid)
        script.hear()
        before = tree.sample()
        script.go_on()
        script.hear()
        after = tree.sample()
    assert (before.threads, after.threads) == (1, 6)
    assert before.descriptors is not None
    assert after.descriptors == before.descriptors + 20
    assert after.rss_bytes - before.rss_bytes == pytest.approx(64 << 20, rel=0.1)
    assert after.vms_bytes - before.vms_bytes >= 64 << 20


def test_new_workers_are_noticed_and_orphans_of_the_session_too() -> None:
    source = """
say(ready=True)
wait()
held, hold = os.pipe()
told, tell = os.pipe()
if os.fork() == 0:
    os.close(hold)
    if os.fork():
        os._exit(0)
    os.write(tell, b".")
    os.read(held, 1)
    os._exit(0)
os.wait()
os.read(told, 1)
say(ready=True)
wait()
"""
    with running(source) as script:
        tree = ProcessTree(script.pid)
        script.hear()
        assert tree.sample().processes == 1
        script.go_on()
        script.hear()
        assert tree.sample().processes == 2


def test_a_tree_that_has_ended_has_no_processes_and_keeps_its_cpu_time() -> None:
    with running("burn(0.05); say(ready=True); wait()") as script:
        tree = ProcessTree(script.pid)
        script.hear()
        before = tree.sample()
    after = tree.sample()
    assert (after.processes, after.threads, after.rss_bytes) == (0, 0, 0)
    assert after.cpu_s == pytest.approx(before.cpu_s)


def test_a_zombie_is_no_process_of_the_tree_but_its_time_counts() -> None:
    source = """
child = os.fork()
if child == 0:
    burn(0.1)
    os._exit(0)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
say(ready=True)
wait()
"""
    with running(source) as script:
        script.hear()
        sample = ProcessTree(script.pid).sample()
    assert sample.processes == 1
    assert sample.cpu_s >= 0.1
