"""Secrets of second factors, sealed where the database keeps them."""

from __future__ import annotations

import base64

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from countersign.server.configuration import Secret, Secrets
from countersign.server.project.current import configuration


class SecondFactorAdapter(DefaultMFAAdapter):
    """Encrypts TOTP secrets and recovery codes; allauth alone stores them in the clear."""

    def encrypt(self, text: str) -> str:
        """Seal with the current secret key."""
        return _fernet(configuration().secrets).encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """Open with the current secret key or an earlier one."""
        return _fernet(configuration().secrets).decrypt(encrypted_text.encode("ascii")).decode()


def _fernet(secrets: Secrets) -> MultiFernet:
    assert secrets.secret_key is not None  # noqa: S101 - no configuration is loaded without one
    return MultiFernet([Fernet(_key(secret)) for secret in (secrets.secret_key, *secrets.previous_secret_keys)])


def _key(secret: Secret) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"countersign second factors")
    return base64.urlsafe_b64encode(derivation.derive(secret.reveal().encode()))
