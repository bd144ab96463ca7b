"""What a client holds between requests, and how requests and answers look to httpx."""

from __future__ import annotations

from typing import Generic, TypeVar
from uuid import UUID

import httpx

from countersign.client.device_key import DeviceKey
from countersign.client.exchange import Answer, Ask
from countersign.client.problems import UnexpectedAnswerError, problem_of

_SESSION, _DEVICE = "X-Session-Token", "X-Device-Token"
TIMEOUT_S = 60.0
"""An upload from a telephone, and a server that is busy."""


_Http = TypeVar("_Http", httpx.Client, httpx.AsyncClient)


class Held:
    """Two tokens, this device's key, and the id that the server knows the key by.

    Args:
        key: of this device; a new one where there is none.
        device: the id that the server gave it, where it is registered.
        device_token: what it last was, so that strangers' wrong guesses do not hold this device up.
        device_name: what the person sees in the list of devices.
    """

    def __init__(self, *, key: DeviceKey | None, device: UUID | None, device_token: str, device_name: str) -> None:
        self.key = key or DeviceKey.generate()
        self.device, self.device_name = device, device_name
        self.session_token, self.device_token = "", device_token

    def request(self, client: httpx.Client | httpx.AsyncClient, ask: Ask) -> httpx.Request:
        """`ask` with the tokens."""
        held = {_SESSION: self.session_token, _DEVICE: self.device_token}
        headers = {name: value for name, value in held.items() if value}
        if ask.upload is None:
            return client.build_request(ask.method, ask.path, json=ask.body, headers=headers)
        files = {"media": ("media", ask.upload.media, ask.upload.media_type)}
        return client.build_request(ask.method, ask.path, data=dict(ask.upload.fields), files=files, headers=headers)

    def answer(self, ask: Ask, response: httpx.Response) -> Answer:
        """What came back; keeps the tokens in it.

        Raises:
            ProblemError: the server refused.
            UnexpectedAnswerError: it neither refused nor answered as this API does.
        """
        try:
            body: object = response.json() if response.content else None
        except ValueError:
            body = None
        self._keep(response, body)
        if response.status_code not in ask.accepted:
            if response.status_code < 400:
                raise UnexpectedAnswerError(f"{ask.method} {ask.path} was answered {response.status_code}")
            raise problem_of(response.status_code, response.headers, body)
        return Answer(status=response.status_code, body=body)

    def _keep(self, response: httpx.Response, body: object) -> None:
        fields = body if isinstance(body, dict) else {}
        meta = fields.get("meta")
        token = meta.get("session_token") if isinstance(meta, dict) else fields.get("session_token")
        if isinstance(token, str) and token:
            self.session_token = token
        self.device_token = response.headers.get(_DEVICE, self.device_token)


class AnyClient(Generic[_Http]):
    """What both clients have in common.

    Args:
        base_url: of the server.
        key: of this device; a new one where there is none. Keep it (`DeviceKey.to_pem`) for the next login.
        device: the id that the server gave it, where it is registered.
        device_token: what an earlier `device_token` was, so that strangers' wrong guesses do not hold this device up.
        device_name: what the person sees in the list of devices.
        http: an httpx client to use instead of one of its own.
    """

    def __init__(
        self,
        base_url: str,
        *,
        key: DeviceKey | None = None,
        device: UUID | None = None,
        device_token: str = "",
        device_name: str = "Python client",
        http: _Http | None = None,
    ) -> None:
        self._held = Held(key=key, device=device, device_token=device_token, device_name=device_name)
        self._http: _Http = http or self._connected(base_url)

    @staticmethod
    def _connected(base_url: str) -> _Http:
        raise NotImplementedError

    @property
    def key(self) -> DeviceKey:
        """This device's key."""
        return self._held.key

    @property
    def device(self) -> UUID | None:
        """The id that the server knows the key by."""
        return self._held.device

    @property
    def device_token(self) -> str:
        """What tells the server that this device has logged in before."""
        return self._held.device_token
