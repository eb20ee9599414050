"""What can be asked: one module for each question, the same from Python and from the command line."""
