"""Results kept: the database of runs, the JSON document of one run, and the lock on a folder.

`database` needs sqlalchemy, which takes half a second to import: import it only where a store is opened.
"""
