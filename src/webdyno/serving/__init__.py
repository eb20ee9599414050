"""A stack that is being served: started, asked whether it is ready, and stopped with all that it started."""
