"""Whether the models are there, and are what the catalogue says."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.core.errors import ModelError
from countersign.models import catalog
from countersign.models.entry import ModelEntry, Pack
from countersign.models.store import ModelStore
from countersign.server.configuration import ServerConfiguration
from countersign.server.diagnosis.finding import Finding, broken, note, unsafe, well


def models(configuration: ServerConfiguration) -> Iterator[Finding]:
    """Each pack; the files of what is installed are read whole and compared with their hashes."""
    store, needed = ModelStore.default(), configuration.engine.pack
    for pack in (Pack.CORE, Pack.PLUS):
        entries = catalog.in_pack(pack)
        missing = [entry.name for entry in entries if not store.has(entry)]
        altered = [entry.name for entry in entries if entry.name not in missing and not _is_itself(store, entry)]
        if altered:
            yield unsafe("models", f"not what the catalogue says: {', '.join(altered)}", "countersign models pull")
        elif not missing:
            yield well("models", f"pack {pack.value} is installed, every file what the catalogue says")
        elif pack in {Pack.CORE, needed}:
            yield broken("models", f"missing: {', '.join(missing)}", "countersign models pull")
        else:
            yield note("models", f"of pack plus, {len(missing)} are missing", "countersign models pull")


def _is_itself(store: ModelStore, entry: ModelEntry) -> bool:
    try:
        store.read(entry)
    except ModelError:
        return False
    return True
