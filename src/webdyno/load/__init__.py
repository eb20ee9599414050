"""What pushes: the load generator."""
