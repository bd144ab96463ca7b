"""Whether references can be sealed and opened: the vault's store, and the keys to it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from countersign.core.errors import ConfigurationError, VaultError
from countersign.server.ceremonies.references.opening import key_environment, open_keys, open_vault
from countersign.server.configuration import ServerConfiguration
from countersign.server.diagnosis.finding import Finding, broken, well
from countersign.vault import key_records
from countersign.vault.key_sources import key_ring

_NOBODYS = UUID(int=0)


def references(configuration: ServerConfiguration) -> Iterator[Finding]:
    """The keys in force, whether they are all that is needed, and whether the store answers."""
    try:
        ring = key_ring(key_environment(configuration))
        present = [key.key_id for key in ring.keys]
    except ConfigurationError as error:
        yield broken("references", f"no key-encryption key: {error}", "docs/vault.md")
        return
    used = key_records.usage(open_keys())
    missing = sorted(used.keys() - set(present))
    if missing:
        count = sum(used[key_id] for key_id in missing)
        yield broken("references", f"{count} data keys are wrapped by keys that are missing", "countersign keys list")
    else:
        yield well("references", f"{len(present)} keys, and every data key can be unwrapped by one of them")
    old = sum(used[key_id] for key_id in used if key_id in present[1:])
    if old:
        yield well(
            "references", f"{old} data keys still wait for the key in force: countersign keys rotate --rewrap-only"
        )
    try:
        open_vault().references.load(_NOBODYS)
    except VaultError as error:
        yield broken("references", f"their store does not answer ({error.code})", "check vault.url")
