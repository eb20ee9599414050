"""`webdyno list`: what can be named."""
