"""What the scripted API answers to somebody for whom all goes well. Knows no Django, so that tests may import it."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

NONCE = base64.urlsafe_b64encode(b"n" * 32).rstrip(b"=").decode()
ACCOUNT = str(uuid.UUID(int=1))
POSES = [
    ("front", (-10, 10)),
    ("slightly_left", (8, 24)),
    ("half_left", (20, 40)),
    ("far_left", (34, 80)),
    ("slightly_right", (-24, -8)),
    ("half_right", (-40, -20)),
    ("far_right", (-80, -34)),
    ("front", (-10, 10)),
]


class Script:
    """What is answered next, and what was asked."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.answers: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.asked: list[dict[str, Any]] = []
        self.keys: dict[str, EllipticCurvePublicKey] = {}
        self.accepted: set[str] = set()
        self.consent: str | None = None
        self.enrolled = False


SCRIPT = Script()


def all_goes_well(name: str, body: bytes) -> Any:
    """The answer to one request; None for 204."""
    now = datetime.now(UTC)
    method, path = name.split(" ", 1)
    if path == "/consent" and method != "DELETE":
        SCRIPT.consent = now.isoformat() if method == "POST" else SCRIPT.consent
        return {"version": "1", "language": "en", "text": CONSENT, "given_at": SCRIPT.consent}
    if path.startswith("/enrolments") and method != "DELETE":
        return _enrolment(path, now)
    if name == "POST /devices":
        return _registered(json.loads(body), now)
    return {
        "POST /challenges": challenge(["garden", "copper"]),
        "POST /attempts": {"outcome": "accepted", "next": "/accounts/login/?arrived"},
        "POST /guidance": _guidance(),
        **_lists(now),
    }.get(name)


def _guidance() -> dict[str, Any]:
    """A head that is where the next picture wants it."""
    wanted = next((yaw for at, (_, yaw) in enumerate(POSES) if f"picture/{at}" not in SCRIPT.accepted), (0, 0))
    face = {"box": [0.3, 0.2, 0.7, 0.8], "yaw": sum(wanted) / 2, "pitch": 0.0, "roll": 0.0}
    return {"face": face, "advice": []}


def _registered(body: dict[str, str], now: datetime) -> dict[str, Any]:
    key = load_der_public_key(base64.urlsafe_b64decode(body["public_key"] + "=="))
    assert isinstance(key, EllipticCurvePublicKey)
    identity = str(uuid.uuid4())
    SCRIPT.keys[identity] = key
    return {"id": identity, "name": body["name"], "created_at": now.isoformat(), "last_used_at": None, "current": True}


def challenge(words: list[str]) -> dict[str, Any]:
    """What the person is asked."""
    now = datetime.now(UTC)
    return {
        "id": str(uuid.uuid4()),
        "purpose": "login",
        "mode": "words",
        "language": "en",
        "words": words,
        "turn": {"first": "left", "extent_deg": 25, "order": "before_words"},
        "nonce": NONCE,
        "issued_at": now.isoformat(),
        "expires_at": (now + timedelta(seconds=90)).isoformat(),
        "longest_s": 6 + len(words) // 2,
    }


def refused_words(slot: int, other: str) -> dict[str, Any]:
    """The answer to a recording that was not understood: everything is taken but that one, and its words are others."""
    state = _enrolment("", datetime.now(UTC))
    for entry in [*state["pictures"], *state["voices"]]:
        entry["state"] = "accepted"
    state["voices"][slot] = {"slot": slot, "text": other, "state": "wanted"}
    advice = {"code": "other_words", "text": "We did not catch that. Here are other words."}
    return {"accepted": False, "advice": [advice], "enrolment": state}


def _enrolment(path: str, now: datetime) -> dict[str, Any]:
    sample = re.search(r"/(picture|voice)s/(\d+)$", path)
    if sample:
        SCRIPT.accepted.add(f"{sample[1]}/{sample[2]}")
    if path.endswith("/completion"):
        SCRIPT.enrolled = True
        return {"references": []}
    state = {
        "id": str(uuid.UUID(int=2)),
        "nonce": NONCE,
        "expires_at": (now + timedelta(hours=1)).isoformat(),
        "state": "open",
        "pictures": [
            {"slot": at, "pose": pose, "yaw_deg": yaw, "state": _state(f"picture/{at}")}
            for at, (pose, yaw) in enumerate(POSES)
        ],
        "voices": [
            {"slot": at, "text": sentence, "state": _state(f"voice/{at}")} for at, sentence in enumerate(SENTENCES)
        ],
    }
    return {"accepted": True, "advice": [], "enrolment": state} if sample else state


def _state(slot: str) -> str:
    return "accepted" if slot in SCRIPT.accepted else "wanted"


def _lists(now: datetime) -> dict[str, Any]:
    long_ago = (now - timedelta(days=40)).isoformat()
    device: dict[str, Any] = {
        "id": str(uuid.UUID(int=3)),
        "name": "Firefox, Android",
        "created_at": long_ago,
        "last_used_at": long_ago,
    }
    attempts: list[dict[str, Any]] = [
        {
            "id": str(uuid.UUID(int=10 + k)),
            "at": (now - timedelta(hours=7 * k)).isoformat(),
            "outcome": outcome,
            "purpose": "login" if k % 3 else "reauthentication",
            "device": "Chrome, Linux" if k % 2 else None,
        }
        for k, outcome in enumerate(["accepted", "retry", "rejected", "accepted"])
    ]
    faces = [
        {"yaw_deg": float(yaw[0]), "quality": {"inter_eye_px": 70.0 + k, "sharpness": 0.4}}
        for k, (_, yaw) in enumerate(POSES)
    ]
    voices = [{"yaw_deg": None, "quality": {"speech_s": 3.0 + k, "snr_db": 31.0 - k}} for k in range(5)]
    references = [
        {
            "id": str(uuid.UUID(int=20 + k)),
            "modality": modality,
            "created_at": long_ago,
            "model": "m",
            "samples": samples,
        }
        for k, (modality, samples) in enumerate((("face", faces), ("voice", voices)))
    ]
    return {
        "GET /devices": [device | {"current": False}, device | {"current": True, "name": "Chrome, Linux"}]
        if SCRIPT.enrolled
        else [],
        "GET /attempts": attempts if SCRIPT.enrolled else [],
        "GET /references": references if SCRIPT.enrolled else [],
        "GET /references/voice-profile": {"samples": [_prosody(k) for k in range(5)]},
        "GET /export": {"account": {"username": "ann"}},
    }


def _prosody(number: int) -> dict[str, Any]:
    median = 118.0 + 4 * (number % 3)
    return {
        "median_hz": median,
        "low_hz": median - 22,
        "high_hz": median + 35,
        "contour_hz": [median] * 20,
        "contour_step_s": 0.05,
        "tilt_db_per_octave": -5.2 - 0.3 * number,
        "centroid_hz": 900.0,
        "syllables_per_s": 4.1 + 0.2 * (number % 2),
        "pauses": 1,
        "mean_pause_s": 0.3,
    }


SENTENCES = [
    "garden copper window seven harbour light",
    "yellow station parcel kitchen river stone",
    "morning orange ladder silver market cloud",
    "button pepper winter castle flower bridge",
    "candle forest pocket summer engine paper",
]
CONSENT = "\n\n".join(
    [
        "When you enrol, this site measures your face in eight pictures and your voice in five sentences.",
        "The measurements are kept, sealed, to recognise you when you log in. Pictures and recordings are not kept.",
        "You may withdraw at any time on your account page. What was measured is then erased.",
    ]
)
