"""Programs that get away from whoever started them, as far as the system lets them."""

ESCAPE = """
import os, sys, time

def escape(env={}, seconds=300):
    # Leaves its parent, its group and its session, closes its output and keeps nothing of its environment.
    if os.fork():
        os.wait()
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    os.execve(sys.executable, [sys.executable, "-I", "-S", "-c", f"import time; time.sleep({seconds})"], env)
"""
