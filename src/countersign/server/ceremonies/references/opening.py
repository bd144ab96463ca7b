"""The vault of this process: its stores and keys, as the settings and the environment say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from django.db import transaction

from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.core.ports import ReferenceStore, SystemClock
from countersign.server.ceremonies.models import SealedRecord, WrappedDataKey
from countersign.server.ceremonies.references.store import TableStore
from countersign.server.configuration import ServerConfiguration
from countersign.server.project.current import configuration
from countersign.vault.envelopes import Envelopes
from countersign.vault.key_sources import KEY_FILE, KEYS, KMS, KeyFile, key_ring
from countersign.vault.references import Vault
from countersign.vault.sealing import Purpose

_COLLECTION = "sealed_records"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenVault:
    """What is kept sealed, by what it is.

    Attributes:
        references: whom a login is compared with.
        gathered: what an unfinished enrolment has so far.
        profiles: pitch, tone and cadence, for the person to look at.
        keys: the store of wrapped data keys.
        in_database: whether everything rests in the server's own database, so that one transaction holds it together.
    """

    references: Vault
    gathered: Envelopes
    profiles: Envelopes
    keys: ReferenceStore
    in_database: bool

    def together(self) -> AbstractContextManager[None]:
        """Around what is changed here and in the tables: one transaction, where that is possible.

        Over two servers it is not, and a transaction here would undo the half of a writing that the other has done.
        """
        return transaction.atomic() if self.in_database else nullcontext()


def open_vault() -> OpenVault:
    """The vault. Opened once; asking again costs nothing.

    Raises:
        ConfigurationError: no key-encryption key is given, or more than one way to one.
        VaultError: VAULT_UNAVAILABLE.
    """
    current = configuration()
    url = None if current.vault.url is None else current.vault.url.reveal()
    return _opened(url, tuple(sorted(key_environment(current).items())))


def open_keys() -> ReferenceStore:
    """The store of wrapped data keys alone, for `countersign keys`."""
    return TableStore(WrappedDataKey)


def key_environment(current: ServerConfiguration, environment: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """Where the key-encryption keys come from, as `key_ring` takes it.

    A development server without any makes itself a key file at the first start, as it makes its other secrets.

    Raises:
        ConfigurationError: in production, where none is given.
    """
    environment = os.environ if environment is None else environment
    given = {name: environment[name] for name in (KEY_FILE, KEYS, KMS) if environment.get(name)}
    if given:
        return given
    if current.in_production:
        raise ConfigurationError(
            ErrorCode.CONFIGURATION_INVALID,
            f"references need a key-encryption key: set one of {KEY_FILE}, {KEYS} and {KMS} (docs/vault.md)",
        )
    return {KEY_FILE: str(_made(current.server.data_dir))}


def _made(data_dir: Path) -> Path:
    file = KeyFile(data_dir / "secrets" / "key_encryption_keys")
    if not file.path.exists():
        with suppress(ConfigurationError):  # another process was faster
            file.create(datetime.now(UTC).date())
    return file.path


@lru_cache(maxsize=4)
def _opened(url: str | None, keys_from: tuple[tuple[str, str], ...]) -> OpenVault:
    ring, clock = key_ring(dict(keys_from)), SystemClock()
    records, keys = _records(url), open_keys()

    def envelopes(purpose: Purpose) -> Envelopes:
        return Envelopes(records=records, keys=keys, ring=ring, clock=clock, purpose=purpose)

    return OpenVault(
        references=Vault(references=records, keys=keys, ring=ring, clock=clock),
        gathered=envelopes(Purpose.GATHERED),
        profiles=envelopes(Purpose.VOICE_PROFILE),
        keys=keys,
        in_database=url is None,
    )


def _records(url: str | None) -> ReferenceStore:
    """Where what is sealed rests. The keys to it stay in the server's own database: neither alone gives anything away."""
    if url is None:
        return TableStore(SealedRecord)
    try:
        from countersign.vault.mongodb import MongoStore  # noqa: PLC0415 - an extra, for those who use it
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            ErrorCode.CONFIGURATION_INVALID, "vault.url needs PyMongo: pip install 'countersign[mongodb]'"
        ) from error
    return MongoStore.open(url, _COLLECTION)
