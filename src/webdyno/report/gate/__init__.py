"""Gates as text."""
