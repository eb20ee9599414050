import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from webdyno.errors import LaunchFailed
from webdyno.model.workload import Request
from webdyno.serving.launch_request import BODY_LIMIT, Answer
from webdyno.serving.launcher import launch
from webdyno.serving.ready import describe_exit, misplaced
from webdyno.serving.sockets import Listener, free_port
from webdyno.texts.catalogue import told

from .launch_servers import kill_all_in, record


@pytest.fixture(autouse=True)
def no_leftovers(tmp_path: Path) -> Iterator[None]:
    yield
    kill_all_in(tmp_path)


def wait_for(folder: Path, source: str, request: Request | None = None, deadline_s: float = 20.0) -> Answer:
    with launch(record(folder, source), stop_deadline_s=0.0) as server:
        return server.wait_ready(request or Request(), deadline_s)


def failure_of(folder: Path, source: str, deadline_s: float = 20.0) -> LaunchFailed:
    with pytest.raises(LaunchFailed) as caught:
        wait_for(folder, source, deadline_s=deadline_s)
    assert caught.value.remedy
    return caught.value


def test_an_early_exit_is_told_with_its_code_and_last_words(tmp_path: Path) -> None:
    error = failure_of(tmp_path, "print('loading'); raise ImportError('no module named shop')")
    assert "exited with code 1 before it was ready" in error.message
    assert error.details[0] == "loading"
    assert error.details[-1] == "ImportError: no module named shop"


def test_an_early_death_is_told_with_its_signal(tmp_path: Path) -> None:
    assert "SIGSEGV" in failure_of(tmp_path, "os.kill(os.getpid(), signal.SIGSEGV)").message


def test_an_exit_while_we_wait_for_the_answer_is_told_at_once(tmp_path: Path) -> None:
    source = """
listener = listen()
if os.fork() == 0:
    # Keeps the socket open after the server's end, so that the connection alone does not tell.
    time.sleep(60)
connection, _ = listener.accept()
sys.exit(3)
"""
    assert "exited with code 3" in failure_of(tmp_path, source, deadline_s=60.0).message


def test_a_wrong_port_is_told(tmp_path: Path) -> None:
    error = failure_of(tmp_path, "elsewhere = listen(port=0); time.sleep(60)")
    assert "listens on 127.0.0.1:" in error.message
    assert ", not on 127.0.0.1:" in error.message


def test_a_wrong_port_of_a_worker_is_told_at_the_deadline(tmp_path: Path) -> None:
    error = failure_of(tmp_path, "os.fork() or listen(port=0).accept(); time.sleep(60)", deadline_s=1.0)
    assert "listens on 127.0.0.1:" in error.message


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="127.0.0.2 is an address of ours on Linux only")
def test_an_address_that_does_not_reach_us_is_told(tmp_path: Path) -> None:
    error = failure_of(tmp_path, "elsewhere = listen(host='127.0.0.2'); time.sleep(60)", deadline_s=1.0)
    assert "listens on 127.0.0.2:" in error.message


def test_a_server_that_opens_its_port_after_another_one_is_waited_for(tmp_path: Path) -> None:
    source = "admin = listen(port=0); time.sleep(0.5); serve()"
    assert wait_for(tmp_path, source).status == 200


def test_a_server_that_never_answers_is_told_to_hang(tmp_path: Path) -> None:
    source = "held = list(each_connection())"
    error = failure_of(tmp_path, source, deadline_s=0.7)
    assert "never answered" in error.message
    assert "waits for something at start-up or in this request" in error.remedy
    assert "--start-timeout 1.4s" in error.remedy


def test_a_server_that_drips_is_told_to_hang(tmp_path: Path) -> None:
    source = """
for connection, _ in each_connection():
    connection.sendall(b"HTTP/1.1 200 OK\\r\\n")
    while True:
        connection.sendall(b"X: y\\r\\n")
        time.sleep(0.05)
"""
    assert "never answered" in failure_of(tmp_path, source, deadline_s=0.7).message


def test_a_server_that_closes_every_connection_is_told(tmp_path: Path) -> None:
    source = "for connection, _ in each_connection(): connection.close()"
    assert "closes the connection without answering GET /" in failure_of(tmp_path, source, deadline_s=0.7).message


def test_a_server_that_closes_the_first_connections_only_is_waited_for(tmp_path: Path) -> None:
    source = """
first = listen()
first.accept()[0].close()
first.close()
serve()
"""
    assert wait_for(tmp_path, source).status == 200


def test_a_server_that_never_listens_is_told(tmp_path: Path) -> None:
    error = failure_of(tmp_path, "print('thinking'); time.sleep(60)", deadline_s=0.5)
    assert "did not listen" in error.message and "within 0.5 s" in error.message
    assert "--start-timeout 1s" in error.remedy
    assert error.details == ("thinking",)


def test_another_protocol_is_told(tmp_path: Path) -> None:
    source = (
        "for connection, _ in each_connection(): connection.sendall(b'SSH-2.0-OpenSSH_9\\r\\n' * 9); connection.close()"
    )
    assert "not HTTP/1.1" in failure_of(tmp_path, source).message


@pytest.mark.parametrize("header", ["X-Many: 1", "X-Long: " + "x" * 70_000], ids=["many", "long"])
def test_a_head_that_does_not_end_is_told_as_such(tmp_path: Path, header: str) -> None:
    source = f"""
for connection, _ in each_connection():
    connection.sendall(b"HTTP/1.1 200 OK\\r\\n")
    try:
        while True:
            connection.sendall(b"{header}\\r\\n")
    except OSError:
        pass
"""
    assert "the head of the server's answer is too large" in failure_of(tmp_path, source).message


def test_a_server_error_is_an_answer(tmp_path: Path) -> None:
    answer = wait_for(tmp_path, "serve('500 Internal Server Error', b'oops')")
    assert (answer.status, answer.body, answer.truncated) == (500, b"oops", False)


def test_a_huge_answer_is_read_to_its_end_and_cut(tmp_path: Path) -> None:
    source = f"""
for connection, _ in each_connection():
    connection.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n" + bytes({BODY_LIMIT + 1}))
    connection.close()
"""
    answer = wait_for(tmp_path, source)
    assert len(answer.body) == BODY_LIMIT
    assert answer.truncated


def test_a_body_is_sent_with_its_length(tmp_path: Path) -> None:
    body = wait_for(tmp_path, "serve()", Request(method="POST", path="/x", body=b'{"a": 1}')).body
    assert b"POST /x HTTP/1.1" in body
    assert b"Content-Length: 8" in body


def test_a_stranger_on_a_given_port_is_refused_with_its_name(tmp_path: Path) -> None:
    port = free_port("127.0.0.1")
    with launch(record(tmp_path, "time.sleep(60)"), port=port, stop_deadline_s=0.0) as server:
        refused = pytest.raises(LaunchFailed, match=rf"another process answers .*pid {os.getpid()}")
        with socket.create_server(("127.0.0.1", port)), refused:
            server.wait_ready(Request())


def test_exits_are_described() -> None:
    assert told(describe_exit(3)) == "with code 3"
    assert told(describe_exit(-9)) == "by SIGKILL"
    assert told(describe_exit(-1000)) == "by signal 1000"


def test_a_server_that_listens_where_it_should_is_not_misplaced() -> None:
    admin, right = Listener("127.0.0.1", 9000, 1), Listener("0.0.0.0", 8000, 2)
    assert misplaced((), ("127.0.0.1", 8000)) is None
    assert misplaced((admin, right), ("127.0.0.1", 8000)) is None
    assert misplaced((admin,), ("127.0.0.1", 8000)) is not None
