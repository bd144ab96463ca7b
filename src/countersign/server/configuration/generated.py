"""Secrets that a development server makes for itself at its first start."""

from __future__ import annotations

import dataclasses
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.server.configuration.schema import Profile, ServerConfiguration
from countersign.server.configuration.values import Secret, Source, SourceKind


def generate_missing_secrets(configuration: ServerConfiguration) -> ServerConfiguration:
    """`configuration` with every key, made now or at an earlier start. In production nothing is made: keys are given."""
    if configuration.server.profile is Profile.PRODUCTION:
        return configuration
    keys = configuration.secrets
    sources = dict(configuration.sources)
    secret_key, audit_key, signing_key = keys.secret_key, keys.audit_key, keys.signing_key
    if secret_key is None:
        secret_key, sources["secrets.secret_key"] = _kept(configuration.server.data_dir, "secret_key")
    if audit_key is None:
        audit_key, sources["secrets.audit_key"] = _kept(configuration.server.data_dir, "audit_key")
    if signing_key is None:
        signing_key, sources["secrets.signing_key"] = _kept(configuration.server.data_dir, "signing_key", _new_rsa_key)
    complete = dataclasses.replace(keys, secret_key=secret_key, audit_key=audit_key, signing_key=signing_key)
    return dataclasses.replace(configuration, secrets=complete, sources=MappingProxyType(sources))


def _new_text() -> str:
    return secrets.token_urlsafe(48)


def _new_rsa_key() -> str:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii").strip()


def _kept(data_dir: Path, name: str, make: Callable[[], str] = _new_text) -> tuple[Secret, Source]:
    path = data_dir / "secrets" / name
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if not path.exists():
            _publish(path, make())
        text = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigurationError(
            ErrorCode.CONFIGURATION_INVALID, f"secrets.{name} cannot be kept in {path} ({type(error).__name__})"
        ) from error
    return Secret(text), Source(kind=SourceKind.GENERATED, where=str(path))


def _publish(path: Path, text: str) -> None:
    """Write `path` whole or not at all; of several processes that start at once, one wins and all read the same."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
