"""The servers of the catalogue: one file each, one line each in `catalogue.py`."""
