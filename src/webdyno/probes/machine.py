"""The machine looked at for a few seconds: what it is, and what happens on it while nothing is measured."""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from pathlib import Path

from ..model.machine import MachineFacts
from ..model.run import HostFacts
from .cpu_plan import plan_cpus, read_siblings
from .host import host_facts, in_virtual_machine
from .limits import frequency_facts, heat_events, quota_cores, socket_facts
from .others import busiest, read_others
from .spin import clock_facts, may_pin, spin
from .system import SystemReading, read_system, system_use

_MACHINE_ID = Path("/etc/machine-id")
_KEY_BYTES = 6


def look_at_machine(seconds: float) -> MachineFacts:
    """Read all that can be read, and keep the CPUs of the plan busy one after the other to see who takes them away.

    Args:
        seconds: for each CPU of the plan.
    """
    host, cpus, pin = host_facts(), plan_cpus(workers=1), may_pin()
    used = sorted({*cpus.load, *cpus.server}) if cpus.pinned and pin else [None]
    watched = [cpu for cpu in used if cpu is not None]
    heat, others, own = heat_events(), read_others(), time.process_time()
    opened = read_system(watched)
    spins = tuple(spin(seconds, cpu) for cpu in used)
    closed = read_system(watched)
    own = time.process_time() - own
    return MachineFacts(
        host=host,
        virtual=in_virtual_machine(host.virtualisation),
        cpus=cpus,
        may_pin=pin,
        quota_cores=quota_cores(),
        siblings={cpu: tuple(sorted(core)) for cpu, core in read_siblings(watched).items()},
        frequency=frequency_facts(host.governor, heat),
        watched_s=closed.at - opened.at,
        system=system_use([(opened, closed)]),
        others_cores=used_by_others(opened, closed, own),
        others=busiest(others, read_others(), closed.at - opened.at),
        spins=spins,
        sockets=socket_facts(),
        clock=clock_facts(),
    )


def used_by_others(opened: SystemReading, closed: SystemReading, own_s: float) -> float:
    """CPU time by time that neither this process nor the hypervisor used."""
    stolen_s = max((closed.steal_s or 0.0) - (opened.steal_s or 0.0), 0.0)
    return max(closed.busy_s - opened.busy_s - stolen_s - own_s, 0.0) / (closed.at - opened.at)


def machine_key(host: HostFacts) -> str:
    """By which figures are kept that hold for one machine only: of its hardware, and of its id where it has one.

    A container that may use fewer CPUs is another machine; one that only has more memory is not.
    """
    identity = ""
    with suppress(OSError, ValueError):
        identity = _MACHINE_ID.read_text()
    sizes = (host.cpu_model, host.architecture, host.cores, host.cores_total, host.virtualisation)
    return hashlib.blake2b(repr((identity.strip(), *sizes)).encode(), digest_size=_KEY_BYTES).hexdigest()
