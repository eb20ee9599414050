"""What happened where the blocks of a run differ much."""

from __future__ import annotations

BLOCKS = {
    "blocks-differ": "the {metric} of the stacks differs by {spread:percent} from block to block: {cause}",
    "blocks-differ.disturbed": "{count:plural(1 block was|# blocks were)} disturbed, most in block {block}: {signal}",
    "blocks-differ.more": "{what}; {count:plural(1 figure more strays|# figures more stray)}",
    "stray": (
        "in block {block} the {metric} of {stack} was {factor:hundredths}x what other blocks lead to expect: {seen:all}"
    ),
    "stray.ratio": (
        "in block {block} the {metric} of {stack} against {against} was {factor:hundredths}x that of other blocks: "
        "{seen:all}"
    ),
    "happened": "What happened",
    "happened.spread": "the {metric} of the stacks differs by {spread:percent} from block to block (one sd)",
    "happened.seen": "disturbed in {count:plural(block|blocks)} {blocks:list}, at worst: {most}",
    "happened.without": (
        "without {count:plural(block|blocks)} {blocks:list} (in no verdict): {without} for {stack} against {against}; "
        "with all blocks {whole}"
    ),
    "happened.too-many": "more than half of the blocks were disturbed, so nothing is told without them",
    "happened.nothing": "the blocks do not differ much, or are too few to tell",
    "signal.none": "nothing that is watched explains it",
    "signal.steal": "the hypervisor gave {value:percent} of the time to others (usually {usual:percent})",
    "signal.throttled": "the CPU quota was used up for {value:percent} of the time (usually {usual:percent})",
    "signal.core-wait": "the load generator waited {value:percent} of the time for a core (usually {usual:percent})",
    "signal.others": "other processes used {value:hundredths} CPUs (usually {usual:hundredths})",
    "signal.pressure": "tasks waited for a CPU {value:percent} of the time (usually {usual:percent})",
}
