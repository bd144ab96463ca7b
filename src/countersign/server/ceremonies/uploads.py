"""Uploads, bound to a device, a purpose and a nonce: an altered, swapped or replayed one is refused.

The device signs ``countersign-upload-v1``, purpose, nonce and the SHA-256 of the media, a line each. So neither somebody who
sits between browser and server, behind the TLS, nor another session can put other media in their place.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import uuid

from ninja.files import UploadedFile

from countersign.core.samples import Capture
from countersign.server.audit.events import EventKind
from countersign.server.audit.record import record
from countersign.server.ceremonies.callers import Caller
from countersign.server.ceremonies.models.signing_device import SigningDevice
from countersign.server.ceremonies.problems import Problem, ProblemCode

_LONGEST_BASE64URL = 4096


def signed_text(purpose: str, nonce: bytes, media: bytes) -> bytes:
    """What a device signs."""
    digest = hashlib.sha256(media).hexdigest()
    return f"countersign-upload-v1\n{purpose}\n{to_base64url(nonce)}\n{digest}".encode()


def verified_capture(
    caller: Caller, *, purpose: str, nonce: bytes, media: UploadedFile, device: uuid.UUID, signature: str
) -> tuple[Capture, SigningDevice]:
    """The upload, if a device of the caller's signed exactly it, for exactly this.

    Call it outside of a transaction: a refusal leaves an audit row.

    Args:
        caller: who uploads.
        purpose: as in the signed text, for example ``login/{challenge id}``.
        nonce: of the challenge or the enrolment.
        media: the file.
        device: id of the device.
        signature: base64url.

    Raises:
        Problem: DEVICE_UNKNOWN or SIGNATURE_INVALID.
    """
    known = SigningDevice.objects.usable(device, account=caller.account, binding=caller.binding)
    if known is None:
        raise Problem(ProblemCode.DEVICE_UNKNOWN)
    capture = Capture(data=media.read(), media_type=media.content_type)
    try:
        given = from_base64url(signature)
    except ValueError:
        given = b""
    if not known.verifies(signed_text(purpose, nonce, capture.data), given):
        kind = purpose.partition("/")[0]
        record(EventKind.UPLOAD_REFUSED, account=caller.account.pk, details={"purpose": kind, "device": str(known.pk)})
        raise Problem(ProblemCode.SIGNATURE_INVALID)
    return capture, known


def to_base64url(data: bytes) -> str:
    """Base64url without padding (RFC 4648, 5)."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def from_base64url(text: str) -> bytes:
    """What `to_base64url` was given.

    Raises:
        ValueError: it is none.
    """
    if len(text) > _LONGEST_BASE64URL:
        raise ValueError("too long")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64url") from None
