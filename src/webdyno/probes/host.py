"""Facts about the machine; quick, and None for what cannot be read."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

import psutil

from ..model.run import HostFacts

_DMI = Path("/sys/class/dmi/id")
_CPU = Path("/sys/devices/system/cpu")
# Beginnings of what the firmware says of its maker or product.
_HYPERVISORS = {
    "QEMU": "kvm",
    "KVM": "kvm",
    "Amazon EC2": "amazon",
    "Google": "google",
    "VMware": "vmware",
    "innotek": "virtualbox",
    "VirtualBox": "virtualbox",
    "Xen": "xen",
    "Microsoft": "hyper-v",
    "Parallels": "parallels",
    "Apple Virtualization": "apple",
}
_UNNAMED = "virtual machine"


def host_facts() -> HostFacts:
    """Read the facts now."""
    # One CPU's entry is enough: the whole file is long and slow to read on a large machine.
    cpuinfo = _head(Path("/proc/cpuinfo"))
    cores_total = os.cpu_count() or 1
    return HostFacts(
        cpu_model=parse_cpu_model(cpuinfo) or platform.processor() or None,
        architecture=platform.machine(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores_total,
        cores_total=cores_total,
        memory_bytes=psutil.virtual_memory().total,
        kernel=f"{platform.system()} {platform.release()}",
        system=_system(),
        virtualisation=_virtualisation(cpuinfo),
        governor=_governor(),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        webdyno=version("webdyno"),
    )


def machine_conditions() -> dict[str, str]:
    """What of the machine may change between two trials: the CPUs that are on, and their governor; what it shows."""
    online = _head(_CPU / "online")
    found = {"the CPUs that are on": (online or "").strip(), "the CPU governor": _governor() or ""}
    return {what: text for what, text in found.items() if text}


def parse_cpu_model(cpuinfo: str | None) -> str | None:
    """The CPU's name in /proc/cpuinfo; None where it has none, as on many ARM machines."""
    found = re.search(r"^(?:model name|Model|cpu model|cpu)\s*:\s*(\S.*)$", cpuinfo or "", re.MULTILINE)
    return found[1].strip() if found else None


def name_virtualisation(container: str | None, firmware: str | None, hypervisor_flag: bool | None) -> str | None:
    """Say what the machine runs in, such as `docker on kvm`; `none` on bare metal, None where nothing tells.

    Args:
        container: the container manager, or None outside of one.
        firmware: maker and product as the firmware gives them.
        hypervisor_flag: what the CPU says of itself; None where it does not.
    """
    named = next((name for start, name in _HYPERVISORS.items() if start in (firmware or "")), None)
    if hypervisor_flag is False:
        named = "none"
    elif hypervisor_flag and named is None:
        named = _UNNAMED
    if container and named not in (None, "none"):
        return f"{container} on {named}"
    return container or named


def in_virtual_machine(virtualisation: str | None) -> bool | None:
    """Whether that name says so; None where it names only a container, which tells nothing of the machine below."""
    inner = (virtualisation or "").split(" on ")[-1]
    if inner in (*_HYPERVISORS.values(), _UNNAMED):
        return True
    return False if inner == "none" else None


def _virtualisation(cpuinfo: str | None) -> str | None:
    flags = re.search(r"^flags\s*:(.*)$", cpuinfo or "", re.MULTILINE)
    firmware = [_head(_DMI / name) for name in ("sys_vendor", "product_name")]
    said = " ".join(text.strip() for text in firmware if text)
    return name_virtualisation(_container(), said or None, "hypervisor" in flags[1].split() if flags else None)


def _container() -> str | None:
    if (name := _head(Path("/run/systemd/container"))) and name.strip():
        return name.strip()
    if Path("/.dockerenv").exists():
        return "docker"
    if Path("/run/.containerenv").exists():
        return "podman"
    return "kubernetes" if "KUBERNETES_SERVICE_HOST" in os.environ else None


def _system() -> str | None:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME")
    except OSError:
        return f"macOS {platform.mac_ver()[0]}" if platform.mac_ver()[0] else None


def _governor() -> str | None:
    found = {_head(file) for file in _CPU.glob("cpu[0-9]*/cpufreq/scaling_governor")}
    return ", ".join(sorted(text.strip() for text in found if text)) or None


def _head(path: Path, size: int = 8192) -> str | None:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(size)
    except OSError:
        return None
