"""The reference services, which run where webdyno is not installed.

The `__init__.py` of a folder is no part of its service: it is how the framework stands in webdyno's catalogue.
"""
