"""Nothing is buffered that is too large, too slow or too many; the answer says which."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from countersign.server.web.limits import BodyRule, Message, Receive, RequestLimits, Scope, Send
from tests.server.web.asgi import Answer, ask, scope

SMALL = BodyRule(prefix="/", most_bytes=100, seconds=60)
HASTY = BodyRule(prefix="/hasty", most_bytes=100, seconds=0.2)
UPLOAD = BodyRule(prefix="/upload", most_bytes=1000, seconds=60, at_once=1)


class Reader:
    """An application that reads the whole body, as Django does, and answers its size."""

    def __init__(self, *, answer_first: bool = False) -> None:
        self.taken = 0
        self.answer_first = answer_first
        self.wait: asyncio.Event | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if self.answer_first:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        more = True
        while more:
            message: Message = await receive()
            self.taken += len(message["body"])
            more = message["more_body"]
        if self.wait is not None:
            await self.wait.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(self.taken).encode()})


async def pieces(count: int, size: int = 10, pause: float = 0) -> AsyncIterator[bytes]:
    for _ in range(count):
        await asyncio.sleep(pause)
        yield b"x" * size


def answer(reader: Reader, path: str, chunks: AsyncIterator[bytes] | None = None, length: str | None = None) -> Answer:
    headers = [(b"content-length", length.encode())] if length is not None else []
    return asyncio.run(ask(RequestLimits(reader, default=SMALL, rules=[HASTY, UPLOAD]), scope(path, headers), chunks))


def test_what_is_within_limits_passes_untouched() -> None:
    assert answer(Reader(), "/", pieces(10)).body == b"100"


def test_a_body_that_says_it_is_too_large_is_not_read_at_all() -> None:
    reader = Reader()
    refused = answer(reader, "/", pieces(100), length="101")
    assert refused.status == 413
    assert reader.taken == 0


def test_a_body_that_does_not_say_is_cut_off_where_it_becomes_too_large() -> None:
    reader = Reader()
    refused = answer(reader, "/", pieces(1000))
    assert refused.status == 413
    assert reader.taken == 100


@pytest.mark.parametrize("length", ["-5", "many", ""])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    assert answer(Reader(), "/", length=length).status == 413


def test_a_path_may_have_a_rule_of_its_own() -> None:
    assert answer(Reader(), "/upload/x", pieces(100)).body == b"1000"
    assert answer(Reader(), "/upload/x", pieces(101)).status == 413


def test_a_body_that_dribbles_in_is_given_up() -> None:
    assert answer(Reader(), "/hasty", pieces(50, size=1, pause=0.02)).status == 408


def test_refusals_are_problems_with_a_code() -> None:
    refused = answer(Reader(), "/", length="101")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json["status"] == 413
    assert refused.json["code"] == "request.too_large"
    assert refused.headers["connection"] == "close"


def test_a_refusal_after_the_answer_began_breaks_it_off() -> None:
    with pytest.raises(Exception, match="too_large"):
        answer(Reader(answer_first=True), "/", pieces(1000))


def test_no_more_uploads_are_taken_in_at_once_than_there_are_places() -> None:
    async def story() -> None:
        reader = Reader()
        reader.wait = asyncio.Event()
        limits = RequestLimits(reader, default=SMALL, rules=[UPLOAD])
        first = asyncio.create_task(ask(limits, scope("/upload"), pieces(1)))
        while not reader.taken:
            await asyncio.sleep(0)
        second = await ask(limits, scope("/upload"), pieces(1))
        assert second.status == 503
        assert second.headers["retry-after"] == "2"
        assert second.json["code"] == "request.busy"
        reader.wait.set()
        assert (await first).status == 200
        assert (await ask(limits, scope("/upload"), pieces(1))).status == 200, "the place is free again"

    asyncio.run(story())


def test_a_further_say_is_asked_before_anything_is_read() -> None:
    async def never(_scope: Scope) -> int | None:
        return 17

    reader = Reader()
    rule = BodyRule(prefix="/upload", most_bytes=1000, seconds=1, admission=never)
    limits = RequestLimits(reader, default=SMALL, rules=[rule])
    refused = asyncio.run(ask(limits, scope("/upload"), pieces(5)))
    assert refused.status == 429
    assert refused.headers["retry-after"] == "17"
    assert reader.taken == 0


def test_what_is_not_http_is_handed_on() -> None:
    seen: list[str] = []

    async def application(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    asyncio.run(ask(RequestLimits(application, default=SMALL), {"type": "lifespan"}))
    assert seen == ["lifespan"]
