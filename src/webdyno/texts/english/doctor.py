"""What the doctor says of a machine."""

from __future__ import annotations

DOCTOR = {
    # What was seen.
    "cpus": "{count:plural(CPU|CPUs)} {numbers:list}",
    "cores.shared": "{cores} of {total} CPUs usable",
    "cores": "{cores} of {total} CPUs usable: a server on {server}, the load generator on {load}",
    "cores.workers": (
        "{cores} of {total} CPUs usable: a server on {server}, the load generator on {load}; up to {workers} workers "
        "have a CPU each"
    ),
    "pinning": "processes can be bound to CPUs",
    "pinning.none": "processes cannot be bound to CPUs",
    "quota.unknown": "the CPU quota could not be read here",
    "quota.none": "no CPU quota",
    "quota": "the control group may use {limit:short} CPUs",
    "siblings": "load generator and server run on cores of their own",
    "siblings.shared": "{load} (load generator) and {server} (server) are threads of one core",
    "siblings.unknown": "which CPUs share a core could not be read here",
    "siblings.virtual": "shown as cores of their own; whether the host's cores are, cannot be seen from inside",
    "governor": "{governor}",
    "governor.range": "{governor}, {least:count} to {most:count} MHz",
    "governor.unknown": "the frequency governor could not be read here",
    "turbo.on": "turbo is on",
    "turbo.off": "turbo is off",
    "turbo.unknown": "turbo could not be read here",
    "steal.unknown": "steal could not be read here",
    "pressure": "some process waited for a CPU {share:percent} of the time (PSI)",
    "pressure.unknown": "pressure (PSI) could not be read here",
    "throttling": "slowed down by a quota: {quota}; for heat or power: {heat}",
    "throttling.no": "no",
    "throttling.unknown": "could not be read here",
    "throttling.for": "for {seconds:duration}",
    "throttling.times": "{count:plural(1 time|# times)}",
    "others": "other processes used {cpus:hundredths} CPUs",
    "others.named": "other processes used {cpus:hundredths} CPUs: {processes:list}",
    "others.process": "{process} ({pid}) {cpus:hundredths}",
    "others.unseen": ("other processes used {cpus:hundredths} CPUs: none of them visible, or all ended meanwhile"),
    "stops": "{loops:parts}",
    "stops.anywhere": "a spinning loop",
    "stops.on-cpu": "on CPU {cpu} a spinning loop",
    "stops.never": "{loop} was never preempted for 5 us",
    "stops.seen": (
        "{loop} was preempted {rate:count} times a second, {share:percent} of the time, for {longest_s:duration} at "
        "most"
    ),
    "descriptors": "a process may open {soft:count} files (ulimit -n), {hard:count} if it asks",
    "descriptors.any": "any number of",
    "ports": "{parts:list}",
    "ports.range": "{count:count} local ports ({first} to {last})",
    "ports.reused": "reused at once on this machine",
    "ports.waiting": "taken for a minute after use",
    "ports.time-wait": "{count:count} connections in TIME_WAIT",
    "ports.unknown": "the range of local ports could not be read here",
    "clock": "{source}: steps of {step_s:duration}, {read_s:duration} to read",
    "clock.unknown": "a clock whose source could not be read here",
    # Why it matters.
    "matters.shared": "load generator and servers share a CPU: each takes time from the other",
    "matters.unbound": "the load generator may run where a server does",
    "matters.quota": "a quota that runs out stops load generator and server in the middle",
    "matters.small-quota": (
        "load generator and server need {needed}; when the quota is used up, both are stopped for a while"
    ),
    "matters.siblings": "each slows the other down",
    "matters.neighbour": "a neighbour on the other thread of a core slows it down",
    "matters.speed": "a CPU that changes its speed moves every figure",
    "matters.turbo": "how fast a CPU runs then depends on heat and on what the others do",
    "matters.taken": "what is taken from one stack and not from the other looks like a difference",
    "matters.asked": "CPUs are asked for more than they have",
    "matters.slowed": "a CPU that is slowed down does less work in the same time",
    "matters.others": "they take time from load generator and servers, or heat and memory bandwidth",
    "matters.stops": (
        "interrupts, the kernel or the hypervisor had the CPU: a request in flight then takes longer by as much"
    ),
    "matters.stops.others": "other processes had the CPU: a request in flight then takes longer by as much",
    "matters.descriptors": "each connection takes one, in the load generator and in the server",
    "matters.ports": ("a server that closes every connection takes one for each request; without one, requests fail"),
    "matters.clock": "the load generator reads it several times for each request",
    # What to do.
    "do.two-cpus": "use two CPUs or more",
    "do.allow-binding": "measure on Linux; in a container allow the call sched_setaffinity",
    "do.more-quota": "raise the container's CPU limit, such as docker run --cpus, or take it away",
    "do.other-cores": "allow CPUs of other cores (taskset, cpuset), or switch SMT off",
    "do.host": "on a rented machine choose dedicated cores; else ask who runs the host",
    "do.governor": "sudo cpupower frequency-set -g performance",
    "do.turbo": "write 1 to /sys/devices/system/cpu/intel_pstate/no_turbo, or 0 to .../cpu/cpufreq/boost",
    "do.pressure": "Linux 4.20 or newer shows it in /proc/pressure/cpu; some kernels want psi=1 at boot",
    "do.cooling": "see to the cooling, or switch turbo off",
    "do.stop-others": "stop the other processes, or measure when they are done",
    "do.descriptors": "ulimit -n {needed} or more",
    "do.wait": "wait a minute",
    "do.ports": "sudo sysctl net.ipv4.ip_local_port_range='10240 65535'",
    "do.clock": ("see /sys/devices/system/clocksource/clocksource0/available_clocksource; tsc is the best on x86"),
    # A stack compared with itself.
    "same.title": "{stack} against itself, {blocks:plural(1 block|# blocks)} in {took_s:duration}",
    "same.ratio": "ratio of the two",
    "same.visible": "can be seen",
    "same.smallest": "The smallest difference that can be seen here in {seconds:duration} is about {share:percent}.",
    "same.unknown": "The smallest difference that can be seen here is not known: {why}.",
    "same.interrupted": "it was interrupted",
    "same.few-blocks": "it takes {needed} valid blocks (valid: {valid} of {blocks})",
    "same.margin": "What webdyno compare takes for no difference stays at {margin:percent} here.",
    "same.margin.kept": (
        "What webdyno compare takes for no difference stays at {margin:percent} here (kept in {file})."
    ),
    "same.raised": (
        "What webdyno compare takes for no difference is raised from {margin:percent} here: {raised:list}."
    ),
    "same.raised.kept": (
        "What webdyno compare takes for no difference is raised from {margin:percent} here: {raised:list} (kept in "
        "{file})."
    ),
    "same.raised.metric": "{metric} {share:percent}",
    "same.from": "from {share:percent} on",
}
