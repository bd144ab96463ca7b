"""Reads weights from a PyTorch checkpoint of the old format (before 1.6) without PyTorch and without running its pickle.

The format: five pickles (a magic number, a protocol version, facts on the machine, the objects, the keys of the
storages), then the storages in the order of the keys, each a 64-bit count and raw numbers (torch/serialization.py,
`_legacy_load`). A pickle may name any function; only the three names that a table of float32 weights needs are known
here, and nothing else is ever looked up.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from countersign.core.arrays import Float32Array

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001


@dataclass(slots=True)
class _Storage:
    key: str
    count: int


@dataclass(slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _FloatStorage:
    """Stands for torch.FloatStorage, which is only ever named, never made."""


def _rebuild_tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_rest: object
) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


class _Unpickler(pickle.Unpickler):
    _KNOWN = {  # noqa: RUF012 - never changed
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
        ("torch", "FloatStorage"): _FloatStorage,
    }

    def find_class(self, module_name: str, global_name: str, /) -> object:
        try:
            return self._KNOWN[module_name, global_name]
        except KeyError:
            raise ValueError(f"the checkpoint names {module_name}.{global_name}, which is not weights") from None

    def persistent_load(self, pid: tuple[str, type, str, str, int, object]) -> _Storage:
        kind, storage_type, key, _device, count, _view = pid
        if kind != "storage" or storage_type is not _FloatStorage:
            raise ValueError("the checkpoint holds something else than float32 weights")
        return _Storage(key, count)


def float_weights(data: bytes, table: str) -> dict[str, Float32Array]:
    """The named tensors of one table of the checkpoint, for example "model_state".

    Raises:
        ValueError: the bytes are not such a checkpoint.
    """
    stream = io.BytesIO(data)
    magic, protocol, _machine, objects, keys = (_Unpickler(stream).load() for _ in range(5))
    if magic != MAGIC or protocol != PROTOCOL:
        raise ValueError("not a PyTorch checkpoint of the old format")
    storages: dict[str, Float32Array] = {}
    for key in keys:
        count = int(np.frombuffer(stream.read(8), dtype="<i8")[0])
        storages[key] = np.frombuffer(stream.read(4 * count), dtype="<f4").astype(np.float32)
    return {
        name: _view(tensor, storages[tensor.storage.key])
        for name, tensor in objects[table].items()
        if isinstance(tensor, _Tensor)
    }


def _view(tensor: _Tensor, storage: Float32Array) -> Float32Array:
    strided = np.lib.stride_tricks.as_strided(
        storage[tensor.offset :], tensor.shape, tuple(4 * stride for stride in tensor.strides), writeable=False
    )
    return strided.copy()
