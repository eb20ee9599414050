"""A load from a machine of its own that has but a few local ports; to be run inside `unshare -rn`, prints what it saw.

The first argument is the job's load as JSON.
"""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import sys
from pathlib import Path

from pydantic import TypeAdapter

from webdyno.loadgen.generator import LoadGenerator
from webdyno.model.load import Load

from .conftest import make_job
from .truth_run import run
from .truth_server import Plan

PORTS = 8
PLAN = Plan(delays_s=(0.02,))
SECONDS = 0.5


def main() -> None:
    bring_up_loopback()
    Path("/proc/sys/net/ipv4/ip_local_port_range").write_text(f"40000 {40000 + PORTS - 1}\n")
    load: Load = TypeAdapter(Load).validate_json(sys.argv[1])
    with LoadGenerator() as generator:
        seen = run(generator, PLAN, lambda port: make_job(port, load, seconds=SECONDS))
    flags = sorted(seen.flags("invalid"))
    sys.stdout.write(json.dumps({"result": seen.result.model_dump_json(), "flags": flags, "came": len(seen.log.came)}))


def bring_up_loopback() -> None:
    get_flags, set_flags, up = 0x8913, 0x8914, 1
    with socket.socket() as sock:
        request = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack_from("16xH", fcntl.ioctl(sock, get_flags, request))
        fcntl.ioctl(sock, set_flags, struct.pack("16sH14x", b"lo", flags | up))


if __name__ == "__main__":
    main()
