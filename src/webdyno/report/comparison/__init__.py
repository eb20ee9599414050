"""Comparisons as text: one view, and the formats that show it."""
