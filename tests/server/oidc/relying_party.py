"""A relying application and the browser of the person who uses it, over HTTP alone: in this process or to a real server."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx
import jwt
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

CALLBACK = "https://shop.example.org/callback"
ORIGIN = "http://localhost:8000"


class InProcess(httpx.WSGITransport):
    """The Django application of this process, on the connection of the test: Django would close it after each request."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request."""
        signals = (request_started, request_finished)
        for signal in signals:
            signal.disconnect(close_old_connections)
        try:
            answer = super().handle_request(request)
            answer.request = request
            answer.read()
            answer.close()  # what Django does at the end of a request happens here
            return answer
        finally:
            for signal in signals:
                signal.connect(close_old_connections)


def in_process() -> httpx.Client:
    """A client of the Django application of this process."""
    return httpx.Client(transport=InProcess(app=get_wsgi_application()), base_url=ORIGIN, timeout=60)


@dataclass(slots=True, kw_only=True)
class Browser:
    """Keeps cookies, follows redirects of the server, and stops where it is sent to somebody else."""

    client: httpx.Client
    page: httpx.Response = field(init=False)
    left_for: str | None = None

    def visit(self, address: str, **headers: str) -> httpx.Response:
        """Open a page."""
        self.left_for = None
        return self._follow(self.client.get(address, headers=headers), headers)

    def submit(self, _headers: dict[str, str] | None = None, **fields: str | list[str]) -> httpx.Response:
        """Fill in the form of the page, and send it to where it says."""
        form = re.search(r"<form(?![^>]*logout)[^>]*>.*?</form>", self.page.text, re.DOTALL)
        assert form is not None, self.page.text
        hidden = re.findall(r'<input[^>]*type="hidden"[^>]*>', form.group())
        values: dict[str, Any] = {
            html.unescape(_attribute(field, "name")): html.unescape(_attribute(field, "value")) for field in hidden
        }
        action = html.unescape(_attribute(form.group().split(">", 1)[0], "action"))
        target = urljoin(str(self.page.url), action)
        headers = {"Referer": str(self.page.url), **(_headers or {})}
        return self._follow(self.client.post(target, data=values | fields, headers=headers), _headers or {})

    def log_in(self, name: str, password: str) -> httpx.Response:
        """At the login page that is open."""
        return self.submit(login=name, password=password)

    def consent(self, **headers: str) -> httpx.Response:
        """At the page that asks for it."""
        return self.submit(headers, action="grant", scopes=["openid", "profile", "email"])

    def _follow(self, answer: httpx.Response, headers: dict[str, str]) -> httpx.Response:
        while answer.is_redirect:
            target = urljoin(str(answer.url), answer.headers["Location"])
            if urlsplit(target).netloc != urlsplit(str(answer.url)).netloc:
                self.left_for = target
                break
            answer = self.client.get(target, headers=headers)
        self.page = answer
        return answer


@dataclass(slots=True, kw_only=True)
class RelyingParty:
    """What a well-made application does: discovery, PKCE, state, nonce, and every check of the ID token."""

    backchannel: httpx.Client
    client_id: str = "shop"
    secret: str | None = None
    callback: str = CALLBACK
    verifier: str = ""
    nonce: str = ""
    state: str = ""

    def discover(self) -> dict[str, Any]:
        """The provider's own description."""
        answer = self.backchannel.get("/.well-known/openid-configuration")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def request(self, **extra: str | None) -> str:
        """The address to send the person to; None for a parameter leaves it out."""
        self.verifier, self.nonce, self.state = (secrets.token_urlsafe(48) for _ in range(3))
        digest = hashlib.sha256(self.verifier.encode()).digest()
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.callback,
            "scope": "openid profile email",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        chosen = {name: value for name, value in (parameters | extra).items() if value is not None}
        return f"/identity/o/authorize?{urlencode(chosen)}"

    def answered(self, address: str | None) -> dict[str, str]:
        """What the person came back with."""
        assert address is not None
        assert address.startswith(self.callback), address
        answer = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert answer.get("state") == self.state
        assert answer["iss"] == self.discover()["issuer"]
        return answer

    def redeem(self, code: str, **changes: str) -> httpx.Response:
        """Exchange a code."""
        return self._ask(
            {"grant_type": "authorization_code", "code": code, "redirect_uri": self.callback}
            | {"code_verifier": self.verifier}
            | changes
        )

    def refresh(self, token: str) -> httpx.Response:
        """Exchange a refresh token."""
        return self._ask({"grant_type": "refresh_token", "refresh_token": token})

    def claims(self, tokens: dict[str, Any], *, nonce: bool = True) -> dict[str, Any]:
        """Of the ID token, after every check."""
        keys = jwt.PyJWKSet.from_dict(self.backchannel.get("/.well-known/jwks.json").json())
        key = keys[jwt.get_unverified_header(tokens["id_token"])["kid"]]
        issuer = self.discover()["issuer"]
        found: dict[str, Any] = jwt.decode(
            tokens["id_token"], key, algorithms=["RS256"], audience=self.client_id, issuer=issuer
        )
        assert not nonce or found["nonce"] == self.nonce
        return found

    def user_info(self, token: str) -> httpx.Response:
        """What the access token opens."""
        return self.backchannel.get("/identity/o/api/userinfo", headers={"Authorization": f"Bearer {token}"})

    def introspect(self, token: str) -> dict[str, Any]:
        """What a server that is handed a token learns about it."""
        found: dict[str, Any] = self._ask({"token": token}, path="introspect").json()
        return found

    def revoke(self, token: str) -> httpx.Response:
        """Give a token back."""
        return self._ask({"token": token}, path="revoke")

    def _ask(self, fields: dict[str, str], path: str = "token") -> httpx.Response:
        who = {"client_id": self.client_id} | ({} if self.secret is None else {"client_secret": self.secret})
        return self.backchannel.post(f"/identity/o/api/{path}", data=who | fields)


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found.group(1) if found else ""
