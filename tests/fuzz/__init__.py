"""Documents, databases, scenarios and servers as nobody would write them: `make fuzz`."""
