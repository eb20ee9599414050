import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from webdyno.errors import LaunchFailed, UsageError
from webdyno.model.workload import Request
from webdyno.serving import launcher
from webdyno.serving.launcher import launch
from webdyno.serving.sockets import free_port

from .launch_servers import eventually, kill_all_in, processes_of, record

GET = Request()


@pytest.fixture(autouse=True)
def no_leftovers(tmp_path: Path) -> Iterator[None]:
    yield
    kill_all_in(tmp_path)


def test_a_server_is_started_asked_and_stopped(tmp_path: Path) -> None:
    with launch(record(tmp_path, "serve()")) as server:
        answer = server.wait_ready(Request(path="/items?q=1", headers=(("X-Key", "value"),)))
        seen = json.loads(answer.body)
        assert answer.status == 200
        assert ("Content-Type", "text/plain") in answer.headers
        assert 0 < answer.startup_s < 20
        assert seen["request"].startswith("GET /items?q=1 HTTP/1.1\r\n")
        assert f"Host: {server.host}:{server.port}\r\n" in seen["request"]
        assert "X-Key: value\r\n" in seen["request"]
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert server.argv[-2:] == ("127.0.0.1", str(server.port))
        assert seen["cwd"] == str(tmp_path)
        server.check_alive()
        log = server.log
    assert processes_of(tmp_path) == []
    assert not log.exists()


def test_the_environment_is_clean_and_placeholders_are_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_OURS", "1")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    with launch(record(tmp_path, "serve()", PLACE="{host}:{port}"), extra_env={"PYTHONHASHSEED": "7"}) as server:
        seen = json.loads(server.wait_ready(GET).body)["env"]
        assert seen["PLACE"] == f"{server.host}:{server.port}"
        assert seen["PYTHONHASHSEED"] == "7"
        assert seen["LC_ALL"] == "C.UTF-8"
        allowed = {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "USER", "TZ"}
        assert set(server.env) <= allowed | {"PLACE", "PYTHONHASHSEED", "WEBDYNO_TOKEN"}
        assert {name: seen[name] for name in server.env} == server.env
        assert "SECRET_OF_OURS" not in seen


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this platform cannot bind processes to CPUs")
def test_the_server_is_bound_to_its_cpus_and_we_are_not(tmp_path: Path) -> None:
    ours = os.sched_getaffinity(0)
    with launch(record(tmp_path, "serve()"), cpus=[max(ours)]) as server:
        assert os.sched_getaffinity(0) == ours
        assert json.loads(server.wait_ready(GET).body)["cpus"] == [max(ours)]


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this platform cannot bind processes to CPUs")
def test_cpus_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be bound to the CPUs 4000"), launch(record(tmp_path, ""), cpus=[4000]):
        pass


def test_a_given_port_is_used(tmp_path: Path) -> None:
    port = free_port("127.0.0.1")
    with launch(record(tmp_path, "serve()"), port=port) as server:
        assert server.wait_ready(GET).status == 200
        assert server.port == port


def test_a_given_port_that_is_taken_is_refused_with_its_holder(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = pytest.raises(UsageError, match=rf"port {port} is taken by .*\(pid {os.getpid()}\)")
        with refused as caught, launch(record(tmp_path, "serve()"), port=port):
            pass
    assert caught.value.remedy


@pytest.mark.parametrize(("host", "port"), [("localhost", None), ("203.0.113.1", None), ("127.0.0.1", 70_000)])
def test_addresses_that_cannot_be_listened_on_are_refused(tmp_path: Path, host: str, port: int | None) -> None:
    with pytest.raises(UsageError), launch(record(tmp_path, "serve()"), host=host, port=port):
        pass


def test_a_program_or_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = record(tmp_path, "").model_copy(update={"argv": ("/no/such/program",)})
    with pytest.raises(LaunchFailed) as caught, launch(missing):
        pass
    assert "/no/such/program" in caught.value.remedy
    elsewhere = record(tmp_path, "").model_copy(update={"cwd": "/no/such/folder"})
    with pytest.raises(LaunchFailed) as caught, launch(elsewhere):
        pass
    assert "/no/such/folder" in caught.value.remedy


TAKEN_BY_A_STRANGER = """
marker = "second-start"
if not os.path.exists(marker):
    open(marker, "w").close()
    print("starting", flush=True)
    time.sleep(60)
serve()
"""

TAKEN_IN_ITS_OWN_WORDS = """
marker = "second-start"
if not os.path.exists(marker):
    open(marker, "w").close()
    sys.exit("OSError: [Errno 98] Address already in use")
serve()
"""


def test_a_stranger_on_the_port_is_not_measured_and_another_port_is_tried(tmp_path: Path) -> None:
    with launch(record(tmp_path, TAKEN_BY_A_STRANGER)) as server:
        first = server.port
        with socket.create_server(("127.0.0.1", first)):
            assert eventually(lambda: server.output_tail() == ("starting",))
            answer = server.wait_ready(GET)
        assert server.port != first
        assert json.loads(answer.body)["argv"][2] == str(server.port)
        server.check_alive()
    assert processes_of(tmp_path) == []


SHARES_ITS_PORT = """
def listen():
    return socket.create_server((host, port), reuse_port=True)
serve()
"""


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="the sockets of others cannot be seen here")
def test_a_stranger_that_joins_in_on_the_port_under_way_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "_REOPENS_S", 0.2)
    with launch(record(tmp_path, SHARES_ITS_PORT)) as server:
        assert server.wait_ready(GET).status == 200
        server.check_alive()
        with socket.create_server(("127.0.0.1", server.port), reuse_port=True):
            with pytest.raises(LaunchFailed, match="another process answers on") as found:
                server.check_alive()
            assert f"pid {os.getpid()}" in found.value.message
        server.check_alive()


def test_an_address_in_use_is_tried_once_more_on_another_port(tmp_path: Path) -> None:
    with launch(record(tmp_path, TAKEN_IN_ITS_OWN_WORDS)) as server:
        first = server.port
        assert server.wait_ready(GET).status == 200
        assert server.port != first


def test_an_address_that_stays_in_use_is_reported_and_not_tried_for_ever(tmp_path: Path) -> None:
    source = "open('starts', 'a').write('.'); sys.exit('Address already in use')"
    with launch(record(tmp_path, source)) as server, pytest.raises(LaunchFailed, match="code 1"):
        server.wait_ready(GET)
    assert (tmp_path / "starts").read_text() == ".."


def test_a_server_that_dies_under_way_is_noticed(tmp_path: Path) -> None:
    with launch(record(tmp_path, "print('last words'); serve()")) as server:
        server.wait_ready(GET)
        os.kill(server.pid, signal.SIGKILL)
        assert eventually(lambda: processes_of(tmp_path) == [])
        with pytest.raises(LaunchFailed, match="exited by SIGKILL") as caught:
            server.check_alive()
        assert caught.value.details == ("last words",)


def test_a_server_that_closes_its_socket_is_noticed(tmp_path: Path) -> None:
    source = """
listener = listen()
connection, _ = listener.accept()
connection.recv(9999)
listener.close()
connection.sendall(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")
time.sleep(60)
"""
    with launch(record(tmp_path, source)) as server:
        assert server.wait_ready(GET).status == 204
        with pytest.raises(LaunchFailed, match="no longer listens"):
            server.check_alive()


def test_a_server_that_opens_its_socket_anew_is_alive(tmp_path: Path) -> None:
    source = """
listener = listen()
connection, _ = listener.accept()
connection.recv(9999)
listener.close()
connection.sendall(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")
time.sleep(0.3)
serve()
"""
    with launch(record(tmp_path, source)) as server:
        assert server.wait_ready(GET).status == 204
        server.check_alive()


def test_children_that_ignore_the_request_to_stop_are_killed(tmp_path: Path) -> None:
    source = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
os.fork()
if os.getpid() == os.getsid(0):
    serve()
time.sleep(60)
"""
    with launch(record(tmp_path, source), stop_deadline_s=0.2) as server:
        server.wait_ready(GET)
        assert eventually(lambda: len(processes_of(tmp_path)) == 4)
    assert processes_of(tmp_path) == []


COUNTS_REQUESTS_TO_END = """
asked = []
def end(*signal):
    asked.append(signal)
    open(f"asked-{len(asked)}", "w").close()
    if len(asked) == 1:
        time.sleep(0.2)
        sys.exit()
signal.signal(signal.SIGTERM, end)
serve()
"""


def test_what_was_asked_to_end_before_is_not_asked_again(tmp_path: Path) -> None:
    with launch(record(tmp_path, COUNTS_REQUESTS_TO_END)) as server:
        server.wait_ready(GET)
        server.begin_end()
        assert eventually(lambda: (tmp_path / "asked-1").exists())
    assert not (tmp_path / "asked-2").exists()
    assert processes_of(tmp_path) == []


def test_workers_that_the_server_leaves_behind_get_the_time_to_finish(tmp_path: Path) -> None:
    source = """
if os.fork() == 0:
    def finish(*_):
        time.sleep(0.2)
        open("written", "w").write("all")
        os._exit(0)
    signal.signal(signal.SIGTERM, finish)
    time.sleep(60)
serve()
"""
    with launch(record(tmp_path, source), stop_deadline_s=10.0) as server:
        server.wait_ready(GET)
        started = time.monotonic()
    assert (tmp_path / "written").read_text() == "all"
    assert time.monotonic() - started < 9


def test_children_that_left_group_session_and_parent_are_killed(tmp_path: Path) -> None:
    # The second one has no environment that could tell: its output does.
    with launch(record(tmp_path, "detached(); detached({}); serve()")) as server:
        server.wait_ready(GET)
        assert len(processes_of(tmp_path)) == 3
    assert processes_of(tmp_path) == []


def test_the_error_of_the_body_is_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="mine"), launch(record(tmp_path, "serve()")) as server:
        os.kill(server.pid, signal.SIGKILL)
        raise KeyError("mine")
    assert processes_of(tmp_path) == []


def test_output_is_shown_harmless_and_short(tmp_path: Path) -> None:
    source = r"""
os.write(1, b"\x1b[31mred\x1b[0m \x1b]0;title\x07 bell\n\n")
os.write(2, b"not utf-8: \xff\n" + b"x" * 200000 + b"\n" + b"last\rone\n")
serve()
"""
    with launch(record(tmp_path, source)) as server:
        server.wait_ready(GET)
        lines = server.output_tail()
        assert lines[-2:] == ("last", "one")
        assert len(lines[-3]) < 300
        assert all(line.isprintable() for line in lines)
        assert len(server.output_tail(2)) == 2
