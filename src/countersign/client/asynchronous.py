"""The client for asyncio.

Filming takes seconds, so nothing here calls back: take a challenge, film, answer it.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self, TypeVar
from uuid import UUID

import httpx

from countersign.client import calls
from countersign.client.exchange import Call
from countersign.client.held import TIMEOUT_S, AnyClient
from countersign.client.problems import NoAnswerError
from countersign.client.values import AttemptResult, Challenge, SignedUp

_T = TypeVar("_T")


class AsyncClient(AnyClient[httpx.AsyncClient]):
    """A client that awaits each answer. `run` carries out any conversation of `countersign.client.calls`. Its arguments are those of `AnyClient`."""

    @staticmethod
    def _connected(base_url: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT_S)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections. The session goes on; see `log_out`."""
        await self._http.aclose()

    async def run(self, call: Call[_T]) -> _T:
        """Carry out a conversation.

        Raises:
            ClientError: see `problems`.
        """
        try:
            ask = next(call)
            while True:
                try:
                    response = await self._http.send(self._held.request(self._http, ask))
                except httpx.HTTPError as error:
                    raise NoAnswerError(f"{ask.method} {ask.path}: {error}") from error
                ask = call.send(self._held.answer(ask, response))
        except StopIteration as end:
            result: _T = end.value
            return result

    async def sign_up(self, **details: str) -> SignedUp:
        """Make an account: name, username, email, phone, account_number, password."""
        return await self.run(calls.sign_up(details))

    async def registered(self) -> UUID:
        """This device's id; registers it first where it has none."""
        if self._held.device is None:
            self._held.device = await self.run(calls.register_device(self.key, name=self._held.device_name))
        return self._held.device

    async def begin_login(self, *, password: str, **identifier: str) -> frozenset[str]:
        """Identifier and password; gives what is left to do."""
        return await self.run(calls.begin_login(password=password, **identifier))

    async def take_challenge(self, purpose: str = "login") -> Challenge:
        """A new challenge."""
        return await self.run(calls.take_challenge(purpose))

    async def answer_challenge(self, challenge: Challenge, media: bytes, *, media_type: str) -> AttemptResult:
        """Hand in the one recording that answers `challenge`; registers this device where it is new."""
        device = await self.registered()
        return await self.run(
            calls.answer_challenge(challenge, media, media_type=media_type, key=self.key, device=device)
        )

    async def is_logged_in(self) -> bool:
        """Whether nothing is left to do."""
        return await self.run(calls.is_logged_in())

    async def log_out(self) -> None:
        """End the session."""
        await self.run(calls.log_out())
        self._held.session_token = ""
