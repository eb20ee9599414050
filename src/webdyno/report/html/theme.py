"""How charts look: a Vega-Lite configuration whose colours are the page's CSS variables.

The charts are drawn as SVG, where a colour may be `var(--name)`: light, dark and print are then switched by the style
sheet alone, without drawing again. A chart drawn outside the page takes another configuration; the specifications of
the charts name no colours.
"""

from __future__ import annotations

COLOURS = 8
"""How many stack colours the style sheet has (`--stack-0` ...); further stacks begin again, told apart by letters."""

CONFIG: dict[str, object] = {
    "background": "transparent",
    # Spelled out as in the style sheet: Vega measures texts with it, to cut and thin them.
    "font": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
    "padding": 2,
    "range": {"category": [f"var(--stack-{index})" for index in range(COLOURS)]},
    "view": {"stroke": None},
    "axis": {
        "domainColor": "var(--line-strong)",
        "gridColor": "var(--line)",
        "tickColor": "var(--line-strong)",
        "labelColor": "var(--muted)",
        "titleColor": "var(--muted)",
        "labelFontSize": 11.5,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 8,
        "labelPadding": 5,
        "labelOverlap": True,
    },
    "legend": {"labelColor": "var(--ink)", "labelFontSize": 12},
    "text": {"color": "var(--ink)", "fontSize": 12.5},
    "rule": {"color": "var(--ink)"},
    "tick": {"color": "var(--ink)"},
    "style": {"halo": {"color": "var(--surface)"}},
}
