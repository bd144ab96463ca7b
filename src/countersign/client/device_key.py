"""The key of one device, and what it signs: ECDSA over P-256 with SHA-256 (FIPS 186-5), as browsers do in WebCrypto."""

from __future__ import annotations

import base64
import hashlib
from typing import Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

_NUMBER_BYTES = 32


class DeviceKey:
    """A private key that never leaves its device.

    Args:
        key: of the curve P-256.

    Raises:
        ValueError: a key of another curve.
    """

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        if not isinstance(key.curve, ec.SECP256R1):
            raise ValueError("a device key is of the curve P-256")  # noqa: TRY004 - of the right type, with a wrong value
        self._key = key

    @classmethod
    def generate(cls) -> Self:
        """A new one."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_pem(cls, pem: bytes, *, password: bytes | None = None) -> Self:
        """From PKCS #8.

        Raises:
            ValueError: not such a key, or a wrong password.
        """
        key = serialization.load_pem_private_key(pem, password)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("a device key is of the curve P-256")  # noqa: TRY004 - the file is wrong, not the type
        return cls(key)

    def to_pem(self, *, password: bytes | None = None) -> bytes:
        """As PKCS #8, encrypted where a password is given."""
        encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        return self._key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)

    @property
    def public_key(self) -> str:
        """SubjectPublicKeyInfo (DER), base64url without padding: what the server registers."""
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64url(der)

    def sign_upload(self, media: bytes, *, purpose: str, nonce: str) -> str:
        """The signature that goes with an upload, so that it can be neither altered nor used elsewhere.

        Args:
            media: the file's bytes as they are sent.
            purpose: what they are for, such as "login/{challenge id}".
            nonce: of the challenge or of the enrolment, as the server wrote it.

        Returns:
            r and s, 32 bytes each, base64url without padding.
        """
        text = f"countersign-upload-v1\n{purpose}\n{nonce}\n{hashlib.sha256(media).hexdigest()}"
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return base64url(r.to_bytes(_NUMBER_BYTES) + s.to_bytes(_NUMBER_BYTES))


def base64url(data: bytes) -> str:
    """Without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
