"""What every reference service needs and no framework decides: written once, so that all do the same work."""
