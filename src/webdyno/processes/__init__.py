"""The one door through which processes are started, so that none of them outlives us."""
