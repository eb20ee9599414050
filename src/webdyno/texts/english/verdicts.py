"""What the verdicts of a run come to."""

from __future__ import annotations

VERDICTS = {
    "ratio": "{value:fixed(places)}x",
    "sure": "{level:level} CI {low:fixed(places)}-{high:fixed(places)}, {blocks:plural(1 block|# blocks)}",
    "sure.no-interval": "{blocks:plural(1 block|# blocks)}, so no interval",
    "ratio.sure": "{ratio} ({sure})",
    "nothing-compared": "Nothing could be compared",
    # Throughput.
    "throughput.alone": "{stack} handles {throughput:number} requests/s ({sure})",
    "no-other": "there is no other valid stack to compare it with",
    "throughput.fastest": "{more} is fastest: {ratio} {less} ({sure})",
    "throughput.faster": "{more} is faster than {less}: {ratio} ({sure})",
    "throughput.higher": "{more} has higher throughput than {less}: {ratio} ({sure})",
    "throughput.tie": "{more} and {less} have the same throughput to within {margin:percent}: {ratio} ({sure})",
    "throughput.one-block": "{more} had {ratio} the throughput of {less} in one block, which decides nothing",
    "throughput.versus": "{more} vs {less}: {ratio} ({sure})",
    # What is open.
    "open": "{what}, inconclusive",
    "open.corrected": "{what}, not significant after {why}",
    "open.size": "whether by more than {margin:percent} is open",
    "open.size.corrected": "whether by more than {margin:percent} is open after {why}",
    "corrected.comparisons": "correcting for {comparisons} comparisons",
    "corrected.looks": "allowing for {looks} looks",
    "corrected.both": "correcting for {comparisons} comparisons and allowing for {looks} looks",
    "remaining": "Open: {parts:parts}; {needs}.",
    "remaining.first": "{first} the first of these; {all} all",
    "remaining.direction": "which is ahead in {metric} ({pairs:list})",
    "remaining.both": "which is ahead in {metric}, and whether by more than {margin:percent} ({pairs:list})",
    "remaining.size": "whether the difference in {metric} exceeds {margin:percent} ({pairs:list})",
    "remaining.pair": "{one} vs {other}",
    "remaining.blocks": "more blocks would decide",
    "decide.longer": "the windows are too short to rule a difference out, so give a longer --duration",
    "decide.many": "more than {blocks} blocks would be needed at this scatter",
    "decide.blocks": "about {blocks:plural(1 more block|# more blocks)} would decide",
    "decide.blocks-in": "about {blocks:plural(1 more block|# more blocks)}, {seconds:roughly}, would decide",
    "decide.direction": "{more} which is ahead",
    "differ-only.part": "they differ in the {part} only",
    "differ-only.setting": "they differ in {part} only",
    "comes-with": "{ratio} of it comes with the {part} (against {against})",
    # The order of a quick run.
    "order.known": (
        "The order by {metric} is known after {blocks:plural(1 block|# blocks)}, {took_s:duration}: {stacks:row}"
    ),
    "order.not-known": (
        "Not all of the order by {metric} is known after {blocks:plural(1 block|# blocks)}, {took_s:duration}: "
        "{stacks:row}"
    ),
    "order.unknown": (
        "The order by {metric} is not known after {blocks:plural(1 block|# blocks)}, {took_s:duration}: {stacks:row}"
    ),
    "order.step.ahead": " > {stack}",
    "order.step.tie": " ~ {stack}",
    "order.step.open": " ? {stack}",
    "order.ties": "~ the same to within {margin:percent}",
    "order.not-apart": "? not told apart",
    "order.pairs": "? not told apart: {pairs:list}",
    "order.pair.apart": "{stack} and {behind}, which have no valid block in common",
    "order.pair": "{stack} and {behind}, {ratio}",
    # The other metrics.
    "metric.p50": "median response time",
    "metric.p99": "p99 response time",
    "metric.cpu_per_request": "CPU time per request",
    "metric.memory": "peak memory",
    "metric.throughput": "throughput",
    "cost": "The {metric} of {stack} is {ratio} that of {against} ({sure})",
    "cost.at-rate": "At {rate:rate}, the {metric} of {stack} is {ratio} that of {against} ({sure})",
    "cost.time": "At {rate:rate}, the {metric} of {stack} is {time_ms:number} ms, {ratio} that of {against} ({sure})",
    "cost.tie": "{what}: the same to within {margin:percent}",
    # Stacks without a figure.
    "no-response-time": "{stacks:all} {count:plural(has|have)} no response time: {because}",
    "not-ranked": "{stacks:all} {count:plural(is|are)} not ranked: {because}",
    "none-ranked": "No stack can be ranked: {because}",
}
