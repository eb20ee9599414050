import os
import platform

import pytest

from webdyno.probes.host import host_facts, name_virtualisation, parse_cpu_model


def test_facts_of_this_machine() -> None:
    facts = host_facts()
    assert facts.cores == len(os.sched_getaffinity(0))
    assert facts.cores_total >= facts.cores
    assert facts.memory_bytes > 1 << 27
    assert platform.release() in facts.kernel
    assert platform.python_version() in facts.python


def test_cpu_model_is_found_or_unknown() -> None:
    assert parse_cpu_model("processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu\n") == "AMD EPYC"
    assert parse_cpu_model("processor\t: 0\nCPU part\t: 0xd0c\n") is None
    assert parse_cpu_model(None) is None


@pytest.mark.parametrize(
    ("container", "firmware", "flag", "name"),
    [
        (None, "QEMU Standard PC", True, "kvm"),
        (None, None, True, "virtual machine"),
        (None, "Dell Inc. PowerEdge", False, "none"),
        ("docker", "Amazon EC2 m7g", None, "docker on amazon"),
        ("docker", None, False, "docker"),
        ("docker", None, None, "docker"),
        (None, None, None, None),
    ],
)
def test_virtualisation_is_named(container: str | None, firmware: str | None, flag: bool | None, name: str) -> None:
    assert name_virtualisation(container, firmware, flag) == name
