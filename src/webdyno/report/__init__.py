"""Tells: one view of the results for the terminal, HTML, Markdown and JSON."""
