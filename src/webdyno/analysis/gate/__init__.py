"""Is the head worse than the base by more than the limits?"""
