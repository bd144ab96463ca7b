"""A client of the REST API, for apps written in Python, for scripts and for tests. Docs: ``docs/client.md``.

Every call is a generator that yields requests and is sent answers (`calls`, `ceremonies`), so that one text serves
`Client` and `AsyncClient`; these only carry them out, with httpx.
"""

from countersign.client.asynchronous import AsyncClient
from countersign.client.ceremonies import SampleRefusedError
from countersign.client.device_key import DeviceKey
from countersign.client.problems import ClientError, NoAnswerError, ProblemError, UnexpectedAnswerError
from countersign.client.values import (
    AttemptAccepted,
    AttemptRejected,
    AttemptResult,
    AttemptRetry,
    Challenge,
    Enrolment,
    PictureSlot,
    SignedUp,
    VoiceSlot,
)
from countersign.client.waiting import Client

__all__ = [
    "AsyncClient",
    "AttemptAccepted",
    "AttemptRejected",
    "AttemptResult",
    "AttemptRetry",
    "Challenge",
    "Client",
    "ClientError",
    "DeviceKey",
    "Enrolment",
    "NoAnswerError",
    "PictureSlot",
    "ProblemError",
    "SampleRefusedError",
    "SignedUp",
    "UnexpectedAnswerError",
    "VoiceSlot",
]
