"""A server that already runs: found, asked, watched, and left alone."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from webdyno.errors import MeasurementError, UsageError
from webdyno.model.notation import parse_stack
from webdyno.model.workload import Request
from webdyno.serving.process_check import refuse_shared
from webdyno.serving.running_server import find_running, running
from webdyno.serving.serve import serve

from .running_servers import Running, running_server


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running_server() as found:
        yield found


def test_it_is_found_by_its_address_and_asked_by_its_name(server: Running) -> None:
    record = find_running(parse_stack(f"url=http://localhost:{server.port}/"))
    assert record.address in (f"127.0.0.1:{server.port}", f"[::1]:{server.port}")
    assert record.argv == () and record.packages == {}
    with serve(record, cpus=None, extra_env={}) as served:
        assert not served.fresh and served.pid is None and served.output_tail() == () and served.output_bytes == 0
        answer = served.wait_ready(Request(path="/who"))
        served.check_alive()
        assert served.address.as_sent(Request()).headers[0] == ("Host", f"localhost:{server.port}")
    assert json.loads(answer.body) == {"host": f"localhost:{server.port}", "path": "/who"}


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6")
def test_it_may_have_an_address_of_ipv6() -> None:
    with running_server(host="::1") as server:
        record = find_running(parse_stack(f"{server.url},pid={server.pid}"))
        assert record.address == f"[::1]:{server.port}"
        with running(record) as served:
            assert served.wait_ready(Request()).status == 200


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6")
def test_its_address_of_ipv4_may_be_written_as_one_of_ipv6(server: Running) -> None:
    record = find_running(parse_stack(f"url=http://[::ffff:127.0.0.1]:{server.port}/,pid={server.pid}"))
    assert record.stack.pid == server.pid


def test_it_is_left_as_it_was(server: Running) -> None:
    with running(find_running(parse_stack(f"{server.url},pid={server.pid}"))) as served:
        assert served.pid == server.pid
        served.wait_ready(Request())
    assert server.process.poll() is None


@pytest.mark.parametrize(
    ("url", "kind", "said"),
    [
        ("http://127.0.0.1:1/", MeasurementError, "connection refused"),
        ("http://nowhere.invalid/", UsageError, "cannot be resolved"),
    ],
)
def test_one_that_is_not_there_is_told_at_once(url: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        find_running(parse_stack(f"url={url}"))


def test_what_does_not_speak_tls_is_told(server: Running) -> None:
    with pytest.raises(MeasurementError) as refused:
        find_running(parse_stack(f"url=https://127.0.0.1:{server.port}/"))
    assert "http://" in refused.value.remedy


def test_what_speaks_no_http_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        record = find_running(parse_stack(f"url=http://127.0.0.1:{listener.getsockname()[1]}/"))
        with running(record) as served:
            # Three connections came: that of the finding, that of the turning to it, and the one that asks.
            listener.accept()[0].close()
            listener.accept()[0].close()
            with pytest.raises(MeasurementError, match="no answer to GET http://"):
                served.wait_ready(Request(), 0.2)


def test_one_that_ends_is_noticed() -> None:
    with running_server() as server:
        record = find_running(parse_stack(f"{server.url},pid={server.pid}"))
        with running(record) as served:
            server.process.kill()
            server.process.wait()
            with pytest.raises(MeasurementError, match="takes no connection"):
                served.check_alive()
            with pytest.raises(MeasurementError):
                served.wait_ready(Request())


def can_unshare() -> bool:
    """Whether a process may be given a network of its own."""
    return (
        bool(shutil.which("unshare")) and not subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode
    )


def refused(stack: str) -> MeasurementError:
    with pytest.raises(MeasurementError) as error:
        find_running(parse_stack(stack))
    return error.value


def test_a_process_that_does_not_serve_there_is_refused_and_the_right_one_is_named(server: Running) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True) as other:
        error = refused(f"{server.url},pid={other.pid}")
        other.kill()
    assert f"does not listen on 127.0.0.1:{server.port}" in error.message
    assert f"(pid {server.pid})" in error.remedy


def test_a_process_that_is_gone_is_refused(server: Running) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    assert f"there is no process {gone.pid}" in refused(f"{server.url},pid={gone.pid}").message


def test_one_of_several_workers_is_refused_since_the_others_serve_as_well() -> None:
    with running_server(how="fork") as server:
        find_running(parse_stack(f"{server.url},pid={server.pid}"))
        error = refused(f"{server.url},pid={server.worker}")
        assert "listens on" in error.message and "has started both" in error.remedy


def test_a_process_above_webdyno_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        error = refused(f"url=http://127.0.0.1:{listener.getsockname()[1]}/,pid={os.getpid()}")
    assert "webdyno itself runs below" in error.message


def test_an_address_of_another_machine_has_no_process_here(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    # Listening on every address of this machine, it seems to listen on that of another one as well.
    monkeypatch.setattr("webdyno.serving.sockets.is_here", lambda host: False)
    error = refused(f"{server.url},pid={server.pid}")
    assert "cannot be seen: that is no address of this machine" in error.message and ",pid=" in error.remedy


@pytest.mark.skipif(not can_unshare(), reason="no namespaces here")
def test_of_a_process_with_a_network_of_its_own_it_is_not_said_that_it_does_not_listen(server: Running) -> None:
    # As in a container whose port is published: whoever listens here only passes the requests on.
    command = ["unshare", "-rn", sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as inside:
        assert inside.stdout and inside.stdout.readline()
        error = refused(f"{server.url},pid={inside.pid}")
        inside.kill()
    assert "cannot be seen" in error.message and "network" in error.message and "not listen" not in error.message
    assert "namespace" in error.remedy and ",pid=" in error.remedy


def test_a_pid_that_was_given_anew_is_noticed(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(find_running(parse_stack(f"{server.url},pid={server.pid}"))) as served:
        monkeypatch.setattr("psutil.Process.is_running", lambda process: False)
        with pytest.raises(MeasurementError, match=f"the process {server.pid} has ended"):
            served.check_alive()


def test_process_trees_that_hold_each_other_are_refused() -> None:
    with running_server(how="fork") as server, running_server() as other:
        with pytest.raises(UsageError, match="share processes"):
            refuse_shared([server.pid, None, server.worker])
        with pytest.raises(UsageError, match="both have"):
            refuse_shared([server.pid, server.pid])
        refuse_shared([server.pid, other.pid, None])


def test_it_is_let_go_of_once_it_is_through_with_what_it_was_asked() -> None:
    with running_server(0.1, how="one-by-one") as server:
        asked = Request()
        with running(find_running(parse_stack(f"{server.url},pid={server.pid}"))) as served:
            served.wait_ready(asked)
            for _ in range(5):
                with socket.create_connection((server.host, server.port)) as gone:
                    gone.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert server.process.stdout
        os.set_blocking(server.process.stdout.fileno(), False)
        # The first, those that nobody waits for, and the one that is asked to know when they are through.
        assert os.read(server.process.stdout.fileno(), 1000).count(b"answered") >= 6


def test_it_is_said_which_process_is_measured(server: Running) -> None:
    (note,) = find_running(parse_stack(f"{server.url},pid={server.pid}")).notes
    assert f"the process {server.pid} (python" in note.text
    assert find_running(parse_stack(server.url)).notes == ()


def test_what_it_does_by_itself_is_said(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webdyno.serving.running_server.cpu_used_s", lambda pid, within_s: 0.4 * within_s)
    _, note = find_running(parse_stack(f"{server.url},pid={server.pid}")).notes
    assert "40 % of a core before webdyno asked anything" in note.text
