"""Somebody who enrols, by the API."""

from __future__ import annotations

import time
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from countersign.core.samples import Capture, Recording
from countersign.server.accounts.models import User
from countersign.server.ceremonies.enrolment import ceremony
from countersign.server.ceremonies.enrolment.examiner import HeardPrompt
from countersign.server.ceremonies.enrolment.gathered import Gathered
from countersign.server.ceremonies.models import EnrolmentSession
from countersign.server.ceremonies.references.voice_profile import VoiceFigures
from tests.server.ceremonies.enrolment.scripted import ENGINE, picture, speech
from tests.server.ceremonies.people import Visitor
from tests.server.ceremonies.scripted import ScriptedDecoder


class Enrollee(Visitor):
    """A browser with a session, and everything an enrolment needs."""

    def __init__(self, account: User, *, who: str = "ann", proved: bool = True) -> None:
        super().__init__()
        self.account, self.who = account, who
        self.client.force_login(account, "countersign.server.accounts.backends.IdentifierBackend")
        if proved:
            self.prove()
        self.enrolment: dict[str, Any] = {}

    def prove(self) -> None:
        """Prove again who it is, just now."""
        session = self.client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
        session["account_authentication_methods_user"] = str(self.account.pk)
        session.save()

    def consent(self) -> None:
        """Agree to the text that is asked now."""
        version = self.api("GET", "/consent").json()["version"]
        assert self.api("POST", "/consent", {"version": version}).status_code == 201

    def begin(self, kind: str = "replace") -> dict[str, Any]:
        """Consent, a device's key, and an enrolment."""
        self.consent()
        if not self.device:
            self.register()
        answer = self.api("POST", "/enrolments", {"kind": kind})
        assert answer.status_code in {200, 201}, answer.content
        self.enrolment = answer.json()
        return self.enrolment

    def send(self, kind: str, slot: int, media: bytes, *, sent: bytes | None = None) -> Any:
        """One upload, signed; `sent` is what somebody on the way makes of it."""
        purpose = f"enrolment/{self.enrolment['id']}/{kind}/{slot}"
        signature = self.key.sign(purpose, self.enrolment["nonce"], media)
        file = SimpleUploadedFile("upload", media if sent is None else sent, content_type="image/jpeg")
        return self.client.post(
            f"/api/v1/enrolments/{self.enrolment['id']}/{kind}s/{slot}",
            {"device": self.device, "signature": signature, "media": file},
        )

    def sent(self, kind: str, slot: int, media: bytes) -> dict[str, Any]:
        """The answer to an upload that is judged."""
        answer = self.send(kind, slot, media)
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def advice(self, kind: str, slot: int, media: bytes) -> list[str]:
        """The codes of an upload that is not taken; none where it is."""
        answer = self.sent(kind, slot, media)
        codes = [each["code"] for each in answer["advice"]]
        assert answer["accepted"] is (codes == [])
        assert all(each["text"] for each in answer["advice"])
        return codes

    def fitting(self, kind: str, slot: int) -> bytes:
        """An upload that is just what is asked."""
        if kind == "voice":
            return speech(self.enrolment["voices"][slot]["text"], self.who)
        low, high = self.enrolment["pictures"][slot]["yaw_deg"]
        return picture(self.who, yaw=(low + high) / 2, slot=slot)

    def gather(self) -> None:
        """Everything that is still wanted."""
        for kind in ("picture", "voice"):
            for entry in self.enrolment[f"{kind}s"]:
                if entry["state"] == "wanted":
                    answer = self.sent(kind, entry["slot"], self.fitting(kind, entry["slot"]))
                    assert answer["accepted"], answer["advice"]
        self.enrolment = self.api("GET", f"/enrolments/{self.enrolment['id']}").json()

    def complete(self) -> Any:
        """Ask for references."""
        return self.api("POST", f"/enrolments/{self.enrolment['id']}/completion")

    def enrol(self) -> list[dict[str, Any]]:
        """All of it; what is gathered is put in its place without uploads, which are what takes time."""
        self.begin()
        found = Gathered()
        for slot in range(len(self.enrolment["pictures"])):
            (sample,) = ENGINE.faces(self._taken("picture", slot))  # type: ignore[misc]  # a fitting one never fails
            found = found.with_picture(slot, sample, f"p{slot}")
        for slot, entry in enumerate(self.enrolment["voices"]):
            heard = ENGINE.prompt(self._taken("voice", slot), entry["text"].split(), "en")
            assert isinstance(heard, HeardPrompt)
            assert heard.prosody is not None
            found = found.with_voice(slot, heard.sample, VoiceFigures.of(heard.prosody), f"v{slot}")
        ceremony.keep(EnrolmentSession.objects.get(pk=self.enrolment["id"]), lambda _: found)
        return self.completed()

    def enrol_by_uploads(self) -> list[dict[str, Any]]:
        """All of it, one upload after the other."""
        self.begin()
        self.gather()
        return self.completed()

    def completed(self) -> list[dict[str, Any]]:
        """The references that were made."""
        answer = self.complete()
        assert answer.status_code == 200, answer.content
        found: list[dict[str, Any]] = answer.json()["references"]
        return found

    def _taken(self, kind: str, slot: int) -> Recording:
        return ScriptedDecoder().decode(Capture(data=self.fitting(kind, slot)))


def code(answer: Any) -> tuple[int, str]:
    """Status and stable code of a problem."""
    return answer.status_code, answer.json()["code"]
