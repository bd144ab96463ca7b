"""Tables of the ceremonies."""

from countersign.server.ceremonies.models.attempt import Attempt, AttemptState
from countersign.server.ceremonies.models.challenge_record import ChallengeRecord, ChallengeState, Purpose
from countersign.server.ceremonies.models.consent import Consent
from countersign.server.ceremonies.models.duplicate_alarm import DuplicateAlarm
from countersign.server.ceremonies.models.enrolment_session import EnrolmentKind, EnrolmentSession
from countersign.server.ceremonies.models.reference_set import ReferenceSet
from countersign.server.ceremonies.models.replay_memory import FingerprintToken, RecordingFingerprint
from countersign.server.ceremonies.models.sealed_bytes import SealedRecord, StoredBytes, WrappedDataKey
from countersign.server.ceremonies.models.signing_device import SigningDevice, checked_key

__all__ = [
    "Attempt",
    "AttemptState",
    "ChallengeRecord",
    "ChallengeState",
    "Consent",
    "DuplicateAlarm",
    "EnrolmentKind",
    "EnrolmentSession",
    "FingerprintToken",
    "Purpose",
    "RecordingFingerprint",
    "ReferenceSet",
    "SealedRecord",
    "SigningDevice",
    "StoredBytes",
    "WrappedDataKey",
    "checked_key",
]
