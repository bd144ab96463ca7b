"""A person at a browser or with an app, and the key of that device."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from countersign.server.accounts.middleware import DEVICE_HEADER
from countersign.server.accounts.models import User
from countersign.server.ceremonies.references import holding
from countersign.server.ceremonies.references.opening import open_vault
from countersign.server.ceremonies.uploads import to_base64url
from tests.server.ceremonies.scripted import ENROLMENT
from tests.server.conftest import PASSWORD


class DeviceKey:
    """A key as WebCrypto makes it."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def public(self) -> str:
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return to_base64url(der)

    def sign(self, purpose: str, nonce: str, media: bytes) -> str:
        text = f"countersign-upload-v1\n{purpose}\n{nonce}\n{hashlib.sha256(media).hexdigest()}"
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(SHA256())))
        return to_base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def enrol(person: User) -> None:
    """References, as the enrolment would leave them."""
    with open_vault().together():
        holding.replace(person, ENROLMENT, [])


class Visitor:
    """A browser, or with `app` a mobile app."""

    def __init__(self, *, app: bool = False) -> None:
        self.app = app
        self.client = Client()
        self.session = ""
        self.token = ""
        self.key = DeviceKey()
        self.device = ""

    def log_in(self, password: str = PASSWORD, username: str = "ann") -> Any:
        """Give the password."""
        if self.app:
            return self.headless("POST", "auth/login", username=username, password=password)
        return self._kept(self.client.post("/accounts/login/", {"login": username, "password": password}))

    def headless(self, method: str, path: str, **body: object) -> Any:
        """Allauth's API."""
        client = "app" if self.app else "browser"
        answer = self.client.generic(
            method,
            f"/_allauth/{client}/v1/{path}",
            json.dumps(body),
            content_type="application/json",
            headers=self._headers(),
        )
        return self._kept(answer)

    def api(self, method: str, path: str, body: object = None) -> Any:
        """Our API."""
        text = "" if body is None else json.dumps(body)
        answer = self.client.generic(
            method, f"/api/v1{path}", text, content_type="application/json", headers=self._headers()
        )
        return self._kept(answer)

    def register(self) -> Any:
        """Register the key of this device."""
        answer = self.api("POST", "/devices", {"name": "A phone", "public_key": self.key.public})
        self.device = answer.json().get("id", self.device)
        return answer

    def challenge(self, purpose: str = "login") -> dict[str, Any]:
        """Ask for a challenge."""
        answer = self.api("POST", "/challenges", {"purpose": purpose})
        assert answer.status_code == 201, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def answer(
        self, challenge: dict[str, Any], media: bytes = b"accept", *, sent: bytes | None = None, **changes: str
    ) -> Any:
        """Sign and upload; `sent` is what is uploaded where that is not what was signed."""
        signature = self.key.sign(f"{challenge['purpose']}/{challenge['id']}", challenge["nonce"], media)
        fields = {"challenge": challenge["id"], "device": self.device or str(uuid.uuid4()), "signature": signature}
        file = SimpleUploadedFile("film.webm", media if sent is None else sent, content_type="video/webm")
        answer = self.client.post("/api/v1/attempts", fields | changes | {"media": file}, headers=self._headers())
        return self._kept(answer)

    def attempt(self, media: bytes = b"accept", purpose: str = "login") -> Any:
        """All of it: key, challenge, recording."""
        if not self.device:
            self.register()
        return self.answer(self.challenge(purpose), media)

    def is_logged_in(self) -> bool:
        """Whether there is a session."""
        return bool(self.headless("GET", "auth/session").status_code == 200)

    def _headers(self) -> dict[str, str]:
        if not self.app:
            return {}
        headers = {"X-Session-Token": self.session} if self.session else {}
        return headers | ({DEVICE_HEADER: self.token} if self.token else {})

    def _kept(self, answer: Any) -> Any:
        if self.app and "json" in answer.headers.get("Content-Type", ""):
            content = answer.json()
            if isinstance(content, dict):
                meta = content.get("meta", {})
                self.session = meta.get("session_token") or content.get("session_token") or self.session
        self.token = answer.headers.get(DEVICE_HEADER, self.token)
        return answer
