import pytest

from webdyno.probes.limits import (
    Quota,
    parse_ports,
    parse_quota,
    parse_time_wait,
    parse_turbo,
    quota_cores,
    socket_facts,
    tightest,
)


@pytest.mark.parametrize(
    ("texts", "quota"),
    [
        (("max 100000\n", None, None), "none"),
        (("150000 100000\n", None, None), 1.5),
        ((None, "-1\n", "100000\n"), "none"),
        ((None, "50000\n", "100000\n"), 0.5),
        ((None, None, None), None),
        ((None, "50000\n", None), None),
        (("", None, None), None),
        (("5 0\n", None, None), None),
        (("word word\n", None, None), None),
    ],
)
def test_the_quota_is_read_from_both_versions(texts: tuple[str | None, str | None, str | None], quota: Quota) -> None:
    assert parse_quota(*texts) == quota


@pytest.mark.parametrize(
    ("quotas", "least"),
    [([], None), ([None], None), ([None, "none"], "none"), (["none", 2.0, 1.5, None], 1.5)],
)
def test_the_tightest_quota_of_all_groups_above_decides(quotas: list[Quota], least: Quota) -> None:
    assert tightest(quotas) == least


def test_ports_and_time_wait_are_read_or_unknown() -> None:
    assert parse_ports("32768\t60999\n") == (32768, 60999)
    assert parse_ports(None) is None
    assert parse_ports("1 2 3") is None
    sockstat = "sockets: used 54\nTCP: inuse 32 orphan 0 tw 12 alloc 32 mem 8\nUDP: inuse 0 mem 0\n"
    assert parse_time_wait(sockstat) == 12
    assert parse_time_wait("TCP: inuse 3 tw\n") is None
    assert parse_time_wait(None) is None


@pytest.mark.parametrize(
    ("no_turbo", "boost", "on"),
    [
        ("0\n", None, True),
        ("1\n", None, False),
        (None, "1\n", True),
        (None, "0\n", False),
        (None, None, None),
        ("", "", None),
    ],
)
def test_turbo_is_read_from_either_driver(no_turbo: str | None, boost: str | None, on: bool | None) -> None:
    assert parse_turbo(no_turbo, boost) is on


def test_live_limits_are_plausible() -> None:
    quota = quota_cores()
    assert quota is None or quota == "none" or quota > 0
    sockets = socket_facts()
    soft, hard = sockets.descriptors
    assert hard == -1 or soft <= hard
    assert sockets.ports is None or sockets.ports[0] < sockets.ports[1]
