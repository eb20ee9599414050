"""One load as text, as a JSON document and as a chart."""
