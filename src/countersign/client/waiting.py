"""The client that waits for each answer. It never tries again by itself."""

from __future__ import annotations

from types import TracebackType
from typing import Self, TypeVar
from uuid import UUID

import httpx

from countersign.client import calls, ceremonies
from countersign.client.exchange import Call
from countersign.client.held import TIMEOUT_S, AnyClient
from countersign.client.problems import NoAnswerError
from countersign.client.values import AttemptResult, Enrolment, SignedUp

_T = TypeVar("_T")


class Client(AnyClient[httpx.Client]):
    """A client that waits for each answer. Not to be shared between threads. Its arguments are those of `AnyClient`."""

    @staticmethod
    def _connected(base_url: str) -> httpx.Client:
        return httpx.Client(base_url=base_url, timeout=TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. The session goes on; see `log_out`."""
        self._http.close()

    def run(self, call: Call[_T]) -> _T:
        """Carry out a conversation.

        Raises:
            ClientError: see `problems`.
        """
        try:
            ask = next(call)
            while True:
                try:
                    response = self._http.send(self._held.request(self._http, ask))
                except httpx.HTTPError as error:
                    raise NoAnswerError(f"{ask.method} {ask.path}: {error}") from error
                ask = call.send(self._held.answer(ask, response))
        except StopIteration as end:
            result: _T = end.value
            return result

    def sign_up(self, **details: str) -> SignedUp:
        """Make an account: name, username, email, phone, account_number, password."""
        return self.run(calls.sign_up(details))

    def consent(self) -> object:
        """The text that the person is asked to agree to, and when they did."""
        return self.run(calls.fetch("consent"))

    def enrol(self, take: ceremonies.Sample, *, tries: int = 3) -> Enrolment:
        """Enrol the person who is logged in and has agreed; registers this device where it is new."""
        device = self.registered()
        return self.run(ceremonies.enrol(take, key=self.key, device=device, tries=tries))

    def registered(self) -> UUID:
        """This device's id; registers it first where it has none."""
        if self._held.device is None:
            self._held.device = self.run(calls.register_device(self.key, name=self._held.device_name))
        return self._held.device

    def log_in(self, film: ceremonies.Film, *, password: str, **identifier: str) -> AttemptResult:
        """Password, then the challenge, filmed by `film`. By username, email or phone."""
        call = ceremonies.log_in(
            film,
            key=self.key,
            device=self._held.device,
            device_name=self._held.device_name,
            password=password,
            identifier=identifier,
        )
        result, self._held.device = self.run(call)
        return result

    def try_again(self, film: ceremonies.Film, *, purpose: str = "login") -> AttemptResult:
        """A new challenge, after one that was not accepted; or the first one, to authenticate again."""
        return self.run(ceremonies.answer(purpose, film, key=self.key, device=self.registered()))

    def is_logged_in(self) -> bool:
        """Whether nothing is left to do."""
        return self.run(calls.is_logged_in())

    def fetch(self, path: str) -> object:
        """What stands there, as JSON: "references", "devices", "attempts", "export"."""
        return self.run(calls.fetch(path))

    def remove(self, path: str) -> None:
        """Delete it: "references", "consent", "account", "devices/{id}"."""
        self.run(calls.remove(path))

    def log_out(self) -> None:
        """End the session."""
        self.run(calls.log_out())
        self._held.session_token = ""
