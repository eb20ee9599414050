"""What runs beside the stacks: the services that a workload needs."""
