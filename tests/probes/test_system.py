from pathlib import Path

import psutil
import pytest

from webdyno.probes.system import (
    SystemReading,
    cpu_stat_files,
    memory_room,
    parse_pressure,
    parse_throttled,
    read_system,
    system_use,
)

pytestmark = pytest.mark.paced

OPENED = SystemReading(
    at=10.0,
    busy_s=100.0,
    total_s=200.0,
    steal_s=1.0,
    watched_s=50.0,
    pressure_s=2.0,
    throttled_s=3.0,
    memory_used_bytes=5,
    memory_available_bytes=6,
)


def test_shares_are_of_all_cores_but_steal_of_the_watched_ones_and_pressure_of_the_time() -> None:
    closed = SystemReading(12.0, 102.0, 204.0, 1.1, 52.0, 2.5, 3.25, 7, 8)
    use = system_use([(OPENED, closed)])
    assert use.cpu_percent == pytest.approx(50.0)
    assert use.steal_percent == pytest.approx(5.0)
    assert use.cpu_pressure_percent == pytest.approx(25.0)
    assert use.throttled_s == pytest.approx(0.25)
    assert (use.memory_used_bytes, use.memory_available_bytes) == (7, 8)


def test_what_lies_between_windows_is_left_out() -> None:
    closed = SystemReading(12.0, 102.0, 204.0, 1.1, 52.0, 2.5, 3.25, 7, 8)
    again = SystemReading(90.0, 190.0, 300.0, 40.0, 90.0, 70.0, 60.0, 7, 8)
    at_last = SystemReading(91.0, 191.0, 302.0, 40.0, 91.0, 70.0, 60.0, 9, 10)
    use = system_use([(OPENED, closed), (again, at_last)])
    assert use.cpu_percent == pytest.approx(100 * 3 / 6)
    assert use.steal_percent == pytest.approx(100 * 0.1 / 3)
    assert use.cpu_pressure_percent == pytest.approx(100 * 0.5 / 3)
    assert use.throttled_s == pytest.approx(0.25)
    assert (use.memory_used_bytes, use.memory_available_bytes) == (9, 10)


def test_what_is_not_available_is_none_and_not_zero() -> None:
    unknown = OPENED._replace(steal_s=None, pressure_s=None, throttled_s=None)
    use = system_use([(unknown, unknown._replace(at=11.0, total_s=202.0))])
    assert (use.steal_percent, use.cpu_pressure_percent, use.throttled_s) == (None, None, None)


def test_a_counter_that_appears_only_later_is_unknown() -> None:
    assert system_use([(OPENED._replace(pressure_s=None), OPENED._replace(at=11.0))]).cpu_pressure_percent is None


def test_a_window_without_length_divides_by_nothing() -> None:
    use = system_use([(OPENED, OPENED)])
    assert use.cpu_percent == 0.0
    assert use.steal_percent is None


@pytest.mark.parametrize(
    ("files", "room"),
    [
        ({"memory.max": "1000\n", "memory.current": "600\n", "memory.stat": "anon 500\ninactive_file 50\n"}, 450),
        (
            {"memory.limit_in_bytes": "1000", "memory.usage_in_bytes": "900", "memory.stat": "total_inactive_file 30"},
            130,
        ),
        ({"memory.max": "max\n", "memory.current": "600\n"}, None),
        ({"memory.max": "1000", "memory.current": "1200"}, 0),
        ({}, None),
    ],
    ids=["v2", "v1", "no limit", "over it", "not there"],
)
def test_a_control_group_leaves_what_its_limit_does_and_files_that_can_be_dropped(
    tmp_path: Path, files: dict[str, str], room: int | None
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert memory_room(tmp_path) == room


def test_live_counters_are_plausible() -> None:
    first = read_system()
    sum(range(10**6))
    second = read_system()
    assert 0 <= first.busy_s <= first.total_s
    assert second.total_s >= first.total_s
    assert second.memory_available_bytes > 0


def test_steal_is_counted_on_the_watched_cpus_only() -> None:
    every, one = read_system(), read_system([0])
    assert 0 < one.watched_s < every.watched_s or psutil.cpu_count() == 1


def test_pressure_is_the_total_of_the_some_line() -> None:
    text = "some avg10=0.36 avg60=0.61 avg300=0.29 total=8657452\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"
    assert parse_pressure(text) == pytest.approx(8.657452)
    assert parse_pressure("") is None
    assert parse_pressure(None) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("usage_usec 5\nnr_throttled 2\nthrottled_usec 2500000\n", 2.5),
        ("nr_periods 0\nnr_throttled 0\nthrottled_time 1500000000\n", 1.5),
        ("usage_usec 5\nuser_usec 4\n", None),
        (None, None),
    ],
)
def test_throttling_is_read_from_both_versions(text: str | None, seconds: float | None) -> None:
    assert parse_throttled(text) == seconds


def test_control_groups_are_looked_for_from_our_own_upwards() -> None:
    root = Path("/sys/fs/cgroup")
    assert list(cpu_stat_files("0::/a/b\n", root)) == [
        root / "a/b/cpu.stat",
        root / "a/cpu.stat",
        root / "cpu.stat",
    ]
    version_1 = "4:memory:/x\n2:cpu,cpuacct:/y\n"
    assert list(cpu_stat_files(version_1, root)) == [root / "cpu,cpuacct/y/cpu.stat", root / "cpu,cpuacct/cpu.stat"]
