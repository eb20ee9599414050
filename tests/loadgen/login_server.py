"""A server whose users log in by cookies, and which finds out who uses a session that is not his own."""

from __future__ import annotations

import threading
from collections import Counter
from urllib.parse import parse_qs

from .server import Exchange, answer


def cookies_of(exchange: Exchange) -> list[str]:
    lines = exchange.head.decode("latin-1").split("\r\n")
    sent = [line.partition(":")[2].strip() for line in lines if line.lower().startswith("cookie:")]
    assert len(sent) <= 1, "RFC 6265 allows one Cookie header"
    return sent[0].split("; ") if sent else []


class LoginServer:
    """A form with a CSRF token, a login that sets two cookies, an account, a logout; every use is written down.

    Attributes:
        wrong: what a user did that his session does not allow.
        did: what each session did, in order.
        visitors: how many forms were asked for without any cookie, and with one.
    """

    def __init__(self, *, attributes: str = "; Path=/; HttpOnly") -> None:
        self.wrong: Counter[str] = Counter()
        self.did: dict[str, list[str]] = {}
        self.visitors: Counter[bool] = Counter()
        self._attributes = attributes
        self._users: dict[str, str] = {}
        self._tokens: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, exchange: Exchange) -> None:
        method, target, _ = exchange.head.split(b"\r\n")[0].decode().split()
        cookies = dict(pair.split("=", 1) for pair in cookies_of(exchange))
        path, _, query = target.partition("?")
        with self._lock:
            status, body, headers = self._answer(f"{method} {path}", query, cookies, exchange)
        exchange.send(answer(body, status, headers))

    def _answer(self, what: str, query: str, cookies: dict[str, str], exchange: Exchange) -> tuple[str, bytes, str]:
        if what == "GET /login":
            self.visitors[bool(cookies)] += 1
            token = f"c{exchange.number}"
            self._tokens.add(token)
            set_cookie = f"Set-Cookie: csrftoken={token}; Path=/; SameSite=Lax; Max-Age=3600\r\n"
            return "200 OK", b'{"csrf": "%b"}' % token.encode(), set_cookie
        if what == "POST /login":
            form = {name: values[0] for name, values in parse_qs(exchange.body.decode()).items()}
            if form["csrf"] != cookies.get("csrftoken") or form["csrf"] not in self._tokens:
                self.wrong["csrf"] += 1
                return "403 Forbidden", b"", ""
            self._tokens.discard(form["csrf"])
            session = f"s{exchange.number}"
            self._users[session] = form["user"]
            self.did[session] = ["log in"]
            set_cookies = f"Set-Cookie: locale=en; Path=/\r\nSet-Cookie: session={session}{self._attributes}\r\n"
            return "302 Found", b"", f"Location: /account\r\n{set_cookies}"
        session = cookies.get("session", "")
        if session not in self._users:
            self.wrong["session"] += 1
            return "401 Unauthorized", b"", ""
        if query not in ("", f"as={self._users[session]}"):
            self.wrong["another user's session"] += 1
        self.did[session].append(what)
        if what == "POST /logout":
            del self._users[session]
            return "200 OK", b"", "Set-Cookie: session=; Path=/; Max-Age=0\r\n"
        return "200 OK", b"", ""
