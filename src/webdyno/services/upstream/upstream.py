"""The service behind the services: answers after a delay, counts who asked, and fails as often as it is told to.

Stands alone, needs nothing but Python: `python upstream.py --port 0 --delay constant:50 --errors 0 --seed 1`.
Its first line of output is its URL. Delays are in milliseconds: `constant:50`, `uniform:20:80`, `exponential:50`.

    GET /value?x=7   {"x": 7, "value": ..., "serial": ...}   value is a function of x and the seed, serial grows by 1
    GET /_hits       {"hits": ..., "errors": ...}            how often /value was asked, and how often it failed
    GET /_reset      the same, from 0; and the delays and failures begin anew
    GET /_set?delay=uniform:1:9&errors=0.1&seed=2            other behaviour, from 0
"""

import argparse
import asyncio
import json
import random
from urllib.parse import parse_qs, urlsplit

LONGEST_HEAD = 16 * 1024


def value(x, seed):
    """What `/value` says of x: nobody knows it without asking."""
    return (x * 2654435761 + seed * 40503) % 1000003


def delay_law(text):
    """The law as a function from a random generator to seconds.

    Raises:
        ValueError: it is none of the three.
    """
    name, *numbers = text.split(":")
    parts = [float(number) / 1000 for number in numbers]
    if not all(0 <= part <= 60 for part in parts):
        raise ValueError("a delay is 0 to 60000 ms")
    match name, parts:
        case "constant", [delay]:
            return lambda generator: delay
        case "uniform", [low, high]:
            return lambda generator: generator.uniform(low, high)
        case "exponential", [mean]:
            return lambda generator: generator.expovariate(1 / mean) if mean else 0.0
    raise ValueError("a delay is constant:MS, uniform:LOW:HIGH or exponential:MEAN")


class Behaviour:
    """What is answered, when, and how often that was asked for."""

    def __init__(self, delay, errors, seed):
        self.set(delay, errors, seed)

    def set(self, delay, errors, seed):
        law = delay_law(delay)
        if not 0 <= errors <= 1:
            raise ValueError("errors is a part of all, 0 to 1")
        self.given, self.law, self.errors, self.seed = (delay, errors, seed), law, errors, seed
        self.reset()

    def reset(self):
        self.generator = random.Random(self.seed)
        self.hits = self.failed = 0

    def answer(self, target):
        """Seconds to wait, status, document."""
        if target.startswith("/value?x="):
            return self._value(target[9:])
        parts = urlsplit(target)
        if parts.path == "/_set":
            asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
            delay, errors, seed = self.given
            self.set(asked.get("delay", delay), float(asked.get("errors", errors)), int(asked.get("seed", seed)))
        elif parts.path == "/_reset":
            self.reset()
        elif parts.path != "/_hits":
            return 0.0, 404, {"detail": "Not Found"}
        return 0.0, 200, {"hits": self.hits, "errors": self.failed}

    def _value(self, text):
        x = int(text)
        self.hits += 1
        # Both are drawn for every call, so that the delays do not depend on the failures.
        wait, luck = self.law(self.generator), self.generator.random()
        if luck < self.errors:
            self.failed += 1
            return wait, 500, {"detail": "Internal Server Error"}
        return wait, 200, {"x": x, "value": value(x, self.seed), "serial": self.hits}


class Connection(asyncio.Protocol):
    """One connection; requests are answered in order."""

    def __init__(self, behaviour, loop):
        self._behaviour, self._loop = behaviour, loop
        self._buffer, self._timer = b"", None

    def connection_made(self, transport):
        self._transport = transport

    def connection_lost(self, error):
        if self._timer:
            self._timer.cancel()

    def data_received(self, data):
        self._buffer += data
        if len(self._buffer) > LONGEST_HEAD:
            self._transport.close()
        elif self._timer is None:
            self._next()

    def _next(self):
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        self._buffer = rest
        try:
            target = head.split(b" ", 2)[1].decode("ascii")
            wait, status, document = self._behaviour.answer(target)
        except (ValueError, IndexError) as error:
            wait, status, document = 0.0, 400, {"detail": str(error)}
        body = json.dumps(document).encode()
        answer = b"HTTP/1.1 %d -\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % (status, len(body))
        if wait:
            self._timer = self._loop.call_later(wait, self._send, answer + body)
        else:
            self._send(answer + body)

    def _send(self, answer):
        self._timer = None
        self._transport.write(answer)
        if self._buffer:
            self._next()


async def main():
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", default="constant:0")
    parser.add_argument("--errors", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    try:
        behaviour = Behaviour(given.delay, given.errors, given.seed)
    except ValueError as error:
        parser.error(str(error))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(behaviour, loop), given.host, given.port, backlog=1024)
    print(f"http://{given.host}:{server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
