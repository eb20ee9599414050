"""Machines with known faults, for what is said of them."""

from __future__ import annotations

from tests.factories import HOST, MIB
from webdyno.model.machine import ClockFacts, FrequencyFacts, MachineFacts, OtherProcess, SocketFacts, SpinFacts
from webdyno.model.run import CpuPlan
from webdyno.model.trial import SystemUse

QUIET = MachineFacts(
    host=HOST.model_copy(update={"cores": 4, "cores_total": 4, "virtualisation": "none", "governor": "performance"}),
    virtual=False,
    cpus=CpuPlan(server=(1,), load=(0,), apart=True, pinned=True),
    may_pin=True,
    quota_cores="none",
    siblings={0: (0, 2), 1: (1, 3)},
    frequency=FrequencyFacts(governor="performance", mhz=(800.0, 3600.0), turbo=False, heat_events=0),
    watched_s=2.0,
    system=SystemUse(
        cpu_percent=26.0,
        steal_percent=0.0,
        cpu_pressure_percent=0.1,
        memory_used_bytes=1200 * MIB,
        memory_available_bytes=6600 * MIB,
        throttled_s=0.0,
    ),
    others_cores=0.01,
    others=(),
    spins=(
        SpinFacts(cpu=0, watched_s=1.0, stops=250, longest_s=4e-5, lost_s=0.003, waited_s=0.001),
        SpinFacts(cpu=1, watched_s=1.0, stops=0, longest_s=0.0, lost_s=0.0, waited_s=0.0),
    ),
    sockets=SocketFacts(descriptors=(1024, 1048576), ports=(32768, 60999), reused=True, time_wait=12),
    clock=ClockFacts(source="tsc", step_s=2e-8, read_s=5e-8),
)

UNSEEN = QUIET.model_copy(
    update={
        "host": QUIET.host.model_copy(update={"virtualisation": "docker", "governor": None}),
        "virtual": None,
        "quota_cores": None,
        "siblings": {},
        "frequency": FrequencyFacts(governor=None, mhz=None, turbo=None, heat_events=None),
        "system": QUIET.system.model_copy(
            update={"steal_percent": None, "cpu_pressure_percent": None, "throttled_s": None}
        ),
        "sockets": QUIET.sockets.model_copy(update={"ports": None, "reused": None, "time_wait": None}),
    }
)

BUSY = QUIET.model_copy(
    update={
        "host": QUIET.host.model_copy(update={"cores": 2, "cores_total": 2, "governor": "powersave"}),
        "quota_cores": 1.5,
        "siblings": {0: (0, 1), 1: (0, 1)},
        "frequency": FrequencyFacts(governor="powersave", mhz=None, turbo=True, heat_events=3),
        "system": QUIET.system.model_copy(
            update={"steal_percent": 7.0, "cpu_pressure_percent": 48.0, "throttled_s": 0.4}
        ),
        "others_cores": 0.9,
        "others": (OtherProcess(pid=7, name="make\x1b[31m", cores=0.8),),
        "spins": (
            SpinFacts(cpu=0, watched_s=1.0, stops=300, longest_s=0.1, lost_s=0.4, waited_s=0.39),
            SpinFacts(cpu=1, watched_s=1.0, stops=300, longest_s=0.01, lost_s=0.3, waited_s=0.29),
        ),
        "sockets": SocketFacts(descriptors=(128, 200), ports=(60000, 60999), reused=False, time_wait=900),
        "clock": ClockFacts(source="hpet", step_s=1e-7, read_s=2e-6),
    }
)
