"""Results kept."""
