"""Limits before anything is read: size, time and number of bodies. Django itself would buffer a body of any size."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from countersign.server.metrics.meters import REFUSALS

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Admission: TypeAlias = Callable[[Scope], Awaitable[int | None]]
"""Asked before a body is read: None to let it in, or the seconds after which to try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyRule:
    """What a request to a path may carry.

    Attributes:
        prefix: of the path; of several rules the longest prefix counts.
        most_bytes: largest body.
        seconds: how long it may take to arrive.
        at_once: how many such bodies this process takes in at the same time; None for no limit.
        admission: a further say, such as a rate for each address; None for none.
    """

    prefix: str
    most_bytes: int
    seconds: float
    at_once: int | None = None
    admission: Admission | None = None


class _Refused(Exception):  # noqa: N818 - it ends a request, it is no error
    def __init__(self, status: int, code: str, title: str, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.title, self.retry_after = status, code, title, retry_after


class RequestLimits:
    """ASGI middleware that answers 413, 408, 429 or 503 by itself, as RFC 9457 problems."""

    def __init__(self, application: Application, *, default: BodyRule, rules: Sequence[BodyRule] = ()) -> None:
        self._application = application
        self._rules = sorted([default, *rules], key=lambda rule: len(rule.prefix), reverse=True)
        self._in_flight = dict.fromkeys(range(len(self._rules)), 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        number, rule = next(
            (number, rule) for number, rule in enumerate(self._rules) if scope["path"].startswith(rule.prefix)
        )
        watch = _Watch(send)
        try:
            await self._admit(scope, number, rule)
        except _Refused as refused:
            await watch.refuse(refused)
            return
        self._in_flight[number] += 1
        try:
            await self._application(scope, _Body(receive, rule).receive, watch.send)
        except _Refused as refused:
            await watch.refuse(refused)
        finally:
            self._in_flight[number] -= 1

    async def _admit(self, scope: Scope, number: int, rule: BodyRule) -> None:
        length = next((value for name, value in scope["headers"] if name.lower() == b"content-length"), None)
        if length is not None and (not length.isdigit() or int(length) > rule.most_bytes):
            raise _too_large()
        if rule.at_once is not None and self._in_flight[number] >= rule.at_once:
            raise _Refused(503, "request.busy", "Too many uploads at once. Try again shortly.", retry_after=2)
        if rule.admission is not None:
            wait = await rule.admission(scope)
            if wait is not None:
                raise _Refused(429, "request.too_many", "Too many uploads. Try again later.", retry_after=wait)


class _Body:
    """Counts bytes and time while the body arrives."""

    def __init__(self, receive: Receive, rule: BodyRule) -> None:
        self._receive, self._rule = receive, rule
        self._bytes, self._complete = 0, False
        self._deadline = asyncio.get_running_loop().time() + rule.seconds

    async def receive(self) -> Message:
        if self._complete:
            return await self._receive()  # waits for the client to leave: that may take as long as it likes
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise _Refused(408, "request.too_slow", "The request took too long to arrive.") from None
        if message["type"] == "http.request":
            self._bytes += len(message.get("body", b""))
            self._complete = not message.get("more_body", False)
            if self._bytes > self._rule.most_bytes:
                raise _too_large()
        return message


class _Watch:
    """Knows whether an answer has begun: then a refusal can only break it off."""

    def __init__(self, send: Send) -> None:
        self._send, self._began = send, False

    async def send(self, message: Message) -> None:
        self._began = True
        await self._send(message)

    async def refuse(self, refused: _Refused) -> None:
        REFUSALS.labels(status=str(refused.status)).inc()
        if self._began:
            raise refused
        body = json.dumps(
            {"type": "about:blank", "status": refused.status, "title": refused.title, "code": refused.code}
        )
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
        ]
        if refused.retry_after is not None:
            headers.append((b"retry-after", str(refused.retry_after).encode()))
        await self._send({"type": "http.response.start", "status": refused.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body.encode()})


def _too_large() -> _Refused:
    return _Refused(413, "request.too_large", "The request is larger than allowed.")
