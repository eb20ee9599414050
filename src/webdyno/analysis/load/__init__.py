"""What one load says, and whether it met its thresholds."""
