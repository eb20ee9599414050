"""Programs for those who work on webdyno; none of them is in the package."""
