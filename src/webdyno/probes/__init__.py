"""What watches: the server's process tree, the machine and its noise."""
