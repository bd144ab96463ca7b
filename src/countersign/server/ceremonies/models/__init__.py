"""Tables of the ceremonies."""

from countersign.server.ceremonies.models.consent import Consent
from countersign.server.ceremonies.models.duplicate_alarm import DuplicateAlarm
from countersign.server.ceremonies.models.enrolment_session import EnrolmentKind, EnrolmentSession
from countersign.server.ceremonies.models.reference_set import ReferenceSet
from countersign.server.ceremonies.models.sealed_bytes import SealedRecord, StoredBytes, WrappedDataKey

__all__ = [
    "Consent",
    "DuplicateAlarm",
    "EnrolmentKind",
    "EnrolmentSession",
    "ReferenceSet",
    "SealedRecord",
    "StoredBytes",
    "WrappedDataKey",
]
