"""Work that goes on after its request was answered, within one process."""

import asyncio
import queue
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from .limits import JOB_THREADS

KEPT = 1000
"""Jobs that are remembered; the oldest ones are forgotten, finished or not."""


class Job:
    """One job; whoever listens is told each change of its state."""

    def __init__(self, steps, step_ms):
        self.id = uuid.uuid4().hex
        self.steps, self.step_ms = steps, step_ms
        self._done, self._state = 0, "received"
        self._listeners = []
        self._lock = threading.Lock()

    def told(self):
        """Its document."""
        with self._lock:
            return self._document()

    def run(self):
        """Do it, in a thread."""
        self._change("running")
        for _ in range(self.steps):
            time.sleep(self.step_ms / 1000)
            self._step()
        self._change("done")

    async def run_async(self):
        """Do it, in the event loop."""
        self._change("running")
        for _ in range(self.steps):
            await asyncio.sleep(self.step_ms / 1000)
            self._step()
        self._change("done")

    def events(self):
        """Its documents: the state it is in, then each new one until it is done."""
        changes = queue.SimpleQueue()
        self._listen(changes.put)
        while True:
            document = changes.get()
            yield document
            if document["state"] == "done":
                return

    async def events_async(self):
        """As `events`."""
        changes, loop = asyncio.Queue(), asyncio.get_running_loop()
        listener = self._listen(lambda document: loop.call_soon_threadsafe(changes.put_nowait, document))
        try:
            while True:
                document = await changes.get()
                yield document
                if document["state"] == "done":
                    return
        finally:
            with self._lock:
                self._listeners.remove(listener)

    def _listen(self, listener):
        with self._lock:
            self._listeners.append(listener)
            listener(self._document())
        return listener

    def _step(self):
        with self._lock:
            self._done += 1

    def _change(self, state):
        with self._lock:
            self._state = state
            for listener in self._listeners:
                listener(self._document())

    def _document(self):
        return {"id": self.id, "state": self._state, "steps": self.steps, "steps_done": self._done}


class Jobs:
    """The jobs of this process."""

    def __init__(self):
        self._jobs = {}
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(JOB_THREADS, "job")

    def add(self, steps, step_ms):
        """Take a job in, without beginning it."""
        job = Job(steps, step_ms)
        with self._lock:
            self._jobs[job.id] = job
            if len(self._jobs) > KEPT:
                del self._jobs[next(iter(self._jobs))]
        return job

    def start(self, job):
        """Begin it in a thread, where the framework has no way of its own."""
        self._threads.submit(job.run)

    def find(self, job_id):
        """The job, or None."""
        with self._lock:
            return self._jobs.get(job_id)


def accepted(job):
    """The document of the 202."""
    return {"message": "request received", "id": job.id}


jobs = Jobs()
