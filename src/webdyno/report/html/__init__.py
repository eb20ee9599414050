"""The self-contained HTML report: one file with its charts, styles and scripts inside, to be opened offline."""
