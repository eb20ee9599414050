"""From a run of several stacks to summaries, ratios and verdicts."""
