"""The contract suite: every reference service, over real HTTP, held to `services/contract`."""
