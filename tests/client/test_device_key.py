"""What a device signs can be checked by anybody who has its public key, and by nobody's other key."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from countersign.client import DeviceKey


def unpadded(text: str) -> bytes:
    assert "=" not in text
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verify(key: DeviceKey, signature: str, text: str) -> None:
    raw = unpadded(signature)
    assert len(raw) == 64
    public = serialization.load_der_public_key(unpadded(key.public_key))
    assert isinstance(public, ec.EllipticCurvePublicKey)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public.verify(der, text.encode(), ec.ECDSA(hashes.SHA256()))


def text(media: bytes, purpose: str, nonce: str) -> str:
    return f"countersign-upload-v1\n{purpose}\n{nonce}\n{hashlib.sha256(media).hexdigest()}"


def test_a_signature_holds_for_these_bytes_this_purpose_and_this_nonce_only() -> None:
    key = DeviceKey.generate()
    signature = key.sign_upload(b"film", purpose="login/1", nonce="nonce")
    verify(key, signature, text(b"film", "login/1", "nonce"))
    for other in (text(b"filn", "login/1", "nonce"), text(b"film", "login/2", "nonce"), text(b"film", "login/1", "x")):
        with pytest.raises(InvalidSignature):
            verify(key, signature, other)


def test_a_signature_keeps_its_length_when_its_numbers_begin_with_zeros() -> None:
    key = DeviceKey.generate()
    for attempt in range(300):
        verify(
            key, key.sign_upload(b"film", purpose="login/1", nonce=str(attempt)), text(b"film", "login/1", str(attempt))
        )


def test_a_key_is_the_same_after_it_was_kept() -> None:
    key = DeviceKey.generate()
    pem = key.to_pem(password=b"a good password")
    assert DeviceKey.from_pem(pem, password=b"a good password").public_key == key.public_key
    with pytest.raises(ValueError, match="password"):
        DeviceKey.from_pem(pem, password=b"another")


def test_a_key_of_another_curve_is_refused() -> None:
    with pytest.raises(ValueError, match="P-256"):
        DeviceKey(ec.generate_private_key(ec.SECP384R1()))
