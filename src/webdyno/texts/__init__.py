"""All that people read about results, by key: one room for the words, so that nothing else has to look into a sentence.

A text is a template with named figures. What differs between languages (words, plurals, how numbers are written) is
here; what is said, and of whom, is decided where results are judged.
"""
