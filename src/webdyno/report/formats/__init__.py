"""The formats, a file each; `table` finds them by name.

What a format needs is imported when it tells something: some of it takes half a second.
"""
