"""What pushes: the load generators, ours and those of others."""
