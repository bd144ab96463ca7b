"""Features to bytes and back, exactly, without pickle: what a cache gives back must not be able to run code.

The container is NumPy's NPZ (whose checksums catch a broken disk), with the arrays in their own members and everything
else as JSON. Only the types in `_TYPES` can come out of it.
"""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.biometrics import Embedding, FaceSample, Modality, ModelRef, VoiceSample
from countersign.core.evidence import Features, NotAssessed
from countersign.core.quality import FaceQuality, HeadPose, SpeechQuality

_TYPES: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (
        AcquisitionReason,
        Embedding,
        FaceQuality,
        FaceSample,
        FailureToAcquire,
        Features,
        HeadPose,
        Modality,
        ModelRef,
        NotAssessed,
        SpeechQuality,
        VoiceSample,
    )
}
_DOCUMENT = "document"


def encode(features: Features, *, key: str) -> bytes:
    """Bytes that `decode` turns back into equal features.

    Args:
        features: what to write.
        key: must be given again for reading, so that an entry under a wrong name is not believed.

    Raises:
        TypeError: a sample holds something that this format has no word for.
    """
    arrays: dict[str, NDArray[np.generic]] = {}
    document = json.dumps({"key": key, "features": _pack(features, arrays)}, allow_nan=True)
    arrays[_DOCUMENT] = np.frombuffer(document.encode(), np.uint8)
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def decode(data: bytes, *, key: str) -> Features | None:
    """The features in `data`, or None when it is broken, foreign, or of another key."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            document = json.loads(stored[_DOCUMENT].tobytes())
            if document["key"] != key:
                return None
            features = _unpack(document["features"], stored)
    except (ValueError, TypeError, KeyError, OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError):
        return None
    return features if isinstance(features, Features) else None


def _pack(value: object, arrays: dict[str, NDArray[np.generic]]) -> object:
    if value is None or (isinstance(value, bool | int | float | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, tuple):
        return [_pack(item, arrays) for item in value]
    if isinstance(value, Mapping):
        return {"mapping": {str(name): _pack(item, arrays) for name, item in value.items()}}
    if isinstance(value, np.ndarray):
        name = f"a{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    kind = type(value)
    if _TYPES.get(kind.__name__) is not kind:
        raise TypeError(f"features hold a {kind.__name__}, which the feature cache cannot store")
    if isinstance(value, Enum):
        return {"enum": kind.__name__, "value": value.value}
    if not dataclasses.is_dataclass(value):
        raise TypeError(f"{kind.__name__} is neither an enumeration nor a dataclass")
    fields = {item.name: _pack(getattr(value, item.name), arrays) for item in dataclasses.fields(value)}
    return {"type": kind.__name__, "fields": fields}


def _unpack(value: Any, arrays: Mapping[str, NDArray[np.generic]]) -> object:
    if isinstance(value, list):
        return tuple(_unpack(item, arrays) for item in value)
    if not isinstance(value, dict):
        return value
    if "mapping" in value:
        return {name: _unpack(item, arrays) for name, item in value["mapping"].items()}
    if "array" in value:
        return arrays[value["array"]]
    if "enum" in value:
        return _TYPES[value["enum"]](value["value"])
    fields = {name: _unpack(item, arrays) for name, item in value["fields"].items()}
    return _TYPES[value["type"]](**fields)
