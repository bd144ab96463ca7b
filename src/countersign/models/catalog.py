"""The catalogue: every model that Countersign knows, by name. Adding one is an edit here, never a side effect."""

from __future__ import annotations

from countersign.core.errors import ErrorCode, ModelError
from countersign.models.entries.core_face import CORE_FACE
from countersign.models.entries.core_voice import CORE_VOICE
from countersign.models.entries.operator import OPERATOR
from countersign.models.entries.plus_face import PLUS_FACE
from countersign.models.entries.plus_voice import PLUS_VOICE
from countersign.models.entry import ModelEntry, Pack

ENTRIES: tuple[ModelEntry, ...] = (*CORE_FACE, *CORE_VOICE, *PLUS_FACE, *PLUS_VOICE, *OPERATOR)
"""All entries, in the order in which they are listed."""

_BY_NAME = {entry.name: entry for entry in ENTRIES}


def find(name: str) -> ModelEntry:
    """The entry of that name.

    Raises:
        ModelError: MODEL_UNKNOWN.
    """
    try:
        return _BY_NAME[name]
    except KeyError:
        raise ModelError(ErrorCode.MODEL_UNKNOWN, f"There is no model {name!r} in the catalogue") from None


def in_pack(pack: Pack) -> tuple[ModelEntry, ...]:
    """The entries of one pack."""
    return tuple(entry for entry in ENTRIES if entry.pack is pack)
