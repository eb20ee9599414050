import os
import socket
import sys
from pathlib import Path

import pytest

from webdyno.serving.sockets import Listener, family, free_port, holder, join_address, listeners, parse_address, reaches


@pytest.mark.skipif(sys.byteorder != "little", reason="the text is in the machine's byte order")
def test_addresses_of_the_kernels_table_are_read() -> None:
    assert parse_address("0100007F:1F90") == ("127.0.0.1", 8080)
    assert parse_address("00000000:0016") == ("0.0.0.0", 22)
    assert parse_address("00000000000000000000000001000000:1F90") == ("::1", 8080)


@pytest.mark.parametrize(
    ("bound", "wanted", "reached"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("0.0.0.0", "127.0.0.1", True),
        ("::", "127.0.0.1", True),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("127.0.0.2", "127.0.0.1", False),
        ("::1", "127.0.0.1", False),
        ("0.0.0.0", "::1", False),
        ("::", "::1", True),
    ],
)
def test_a_socket_is_reached_by_its_address_and_by_all_where_it_is_open_to_all(
    bound: str, wanted: str, reached: bool
) -> None:
    assert reaches(Listener(bound, 80, 1), wanted, 80) is reached
    assert not reaches(Listener(bound, 81, 1), wanted, 80)


def test_our_own_listening_socket_is_seen_as_ours() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert any(reaches(own, "127.0.0.1", port) for own in listeners(os.getpid()).own)
        assert str(os.getpid()) in (holder("127.0.0.1", port) or "")
    assert holder("127.0.0.1", port) is None


def test_a_family_is_the_process_and_what_it_started() -> None:
    assert os.getpid() in family(os.getppid())
    assert os.getppid() not in family(os.getpid())


@pytest.mark.skipif(not Path("/proc/sys/net").exists(), reason="the range is read from /proc")
def test_free_ports_are_out_of_the_way_of_outgoing_connections() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports = [free_port("127.0.0.1") for _ in range(20)]
    assert len(set(ports)) > 1
    if first > 11_000:
        assert max(ports) < first


def test_addresses_are_written_as_in_a_url() -> None:
    assert join_address("127.0.0.1", 80) == "127.0.0.1:80"
    assert join_address("::1", 80) == "[::1]:80"
