"""Titles and captions of charts, and which part of a stack makes a difference."""

from __future__ import annotations

_INTERVALS = "The line at its end is the 95 % interval; each dot is one block."

CHARTS = {
    "chart.list": "{parts:parts}",
    "chart.throughput": "Throughput at saturation",
    "chart.throughput.caption": f"Successful responses per second; {{load}}. {_INTERVALS} More is better.",
    "chart.throughput.none": "No stack has a valid throughput.",
    "chart.response": "Response time at the fixed rate",
    "chart.response.axis": "response time (ms, log) at {rate:rate}",
    "chart.response.caption": (
        "The same load for all ({load}), timed from the moment each request was due. Read up from a percentile to the "
        "time that so many requests stayed within. Lower is better."
    ),
    "chart.service": "Service time at saturation",
    "chart.service.axis": "service time (ms, log)",
    "chart.service.caption": (
        "The same load for all ({load}), timed from the send. Read up from a percentile to the time that so many "
        "requests stayed within. Lower is better."
    ),
    "chart.times.none": "No valid trial has enough requests.",
    "chart.times.of": "{stack}: p50 {p50}, p99 {p99}",
    "chart.cpu": "CPU time per request",
    "chart.cpu.caption": (
        "CPU seconds of the whole process tree divided by successful responses, at saturation. "
        f"{_INTERVALS} Less is better."
    ),
    "chart.cpu.caption.duet": (
        "CPU seconds of the whole process tree divided by successful responses, in the duet. "
        f"{_INTERVALS} Less is better."
    ),
    "chart.cpu.none": "No valid trial has a CPU time.",
    "chart.costs": "What a request costs, layer upon layer",
    "chart.costs.caption": (
        "CPU time of the server for each request: an app without a framework on the same server, and what each part "
        "adds. What async def saves is taken off the framework. Less is better."
    ),
    "chart.costs.of": "{stack} {total} \N{MICRO SIGN}s: {layers:list}",
    "chart.costs.layer": "{layer} {cost}",
    "chart.memory": "Memory over time",
    "chart.memory.caption": (
        "Resident memory of the whole process tree during the windows of the closed load: mean of the blocks, and "
        "their range as a band. Less is better."
    ),
    "chart.memory.none": "No valid trial has samples of memory.",
    "chart.memory.of": "{stack} from {first:number} to {last:number} MB",
    "chart.errors": "Errors",
    "chart.errors.caption": (
        "Requests that failed or were dropped, by kind, over both loads; trials that are not valid count too."
    ),
    "chart.errors.none": "None of {count:count} requests failed.",
    "chart.errors.no-requests": "No request was sent.",
    "chart.errors.of": "{stack}, {kind}: {failed}",
    "chart.figure-of": "{stack} {figure}",
    "axis.stack": "stack",
    "axis.throughput": "requests per second at saturation",
    "axis.cpu": "server CPU time per request (\N{MICRO SIGN}s)",
    "axis.errors": "share of all requests (%)",
    "axis.failed": "failed",
    "axis.adds": "adds",
    "axis.estimate": "estimate",
    "axis.one-block": "in one block",
    "axis.percentiles": "percentile of the requests",
    "axis.percentile": "percentile",
    "axis.seconds": "seconds under load",
    "axis.under-load": "under load",
    "axis.memory": "resident memory (MB)",
    "axis.too-few": "too few requests",
    "layer.server": "server, its interface and settings",
    "layer.wrapper": "wrapper of WSGI as ASGI",
    "layer.framework": "framework, with a def handler",
    "layer.handler": "async def in place of def",
    "layer.parts": "parts added by with=",
    "layer.busy": "CPU left unused at saturation",
    "explained": "{stack} has {ratio} the throughput of {against}. Of this:",
    "explained.table": (
        "{stack} has {ratio} the throughput of {against}; this comes from, and a request costs in us of server CPU:"
    ),
    "explained.interval": "95 % CI {ends}",
    "explained.no-interval": "one block: no interval",
    "explained.costs": "what a request costs, us of server CPU",
    "explained.how": (
        "Factors multiply up to the whole. Each is the mean over all orders in which the parts can be changed, within "
        "each block; what a request costs is taken as the sum of what a bare app costs on the server and what each "
        "part adds."
    ),
}
