"""Reads weights from a PyTorch checkpoint without PyTorch and without running its pickle.

The old format (before 1.6): five pickles (a magic number, a protocol version, facts on the machine, the objects, the keys of the
storages), then the storages in the order of the keys, each a 64-bit count and raw numbers (torch/serialization.py,
`_legacy_load`). The new one: a zip archive with the objects in `data.pkl` and one member for each storage. A pickle may name any function; only the few names that a table of weights needs are known here, and
nothing else is ever looked up.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float32Array

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001


class _FloatStorage:
    """Stands for torch.FloatStorage, which is only ever named, never made."""

    dtype = np.dtype("<f4")


class _LongStorage:
    """Stands for torch.LongStorage; batch normalisation counts in it."""

    dtype = np.dtype("<i8")


@dataclass(slots=True)
class _Storage:
    key: str
    dtype: np.dtype[np.float32] | np.dtype[np.int64]


@dataclass(slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


_Objects: TypeAlias = dict[str, Any]
_Storages: TypeAlias = dict[str, NDArray[np.generic]]


def _rebuild_tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_rest: object
) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


class _Unpickler(pickle.Unpickler):
    _KNOWN = {  # noqa: RUF012 - never changed
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
        ("torch", "FloatStorage"): _FloatStorage,
        ("torch", "LongStorage"): _LongStorage,
    }

    def find_class(self, module_name: str, global_name: str, /) -> object:
        try:
            return self._KNOWN[module_name, global_name]
        except KeyError:
            raise ValueError(f"the checkpoint names {module_name}.{global_name}, which is not weights") from None

    def persistent_load(self, pid: tuple[str, type[_FloatStorage | _LongStorage], str, str, int, object]) -> _Storage:
        kind, storage_type, key, *_ = pid
        if kind != "storage":
            raise ValueError("the checkpoint holds something else than weights")
        return _Storage(key, storage_type.dtype)


def float_weights(data: bytes, table: str | None = None) -> dict[str, Float32Array]:
    """The float32 tensors of the checkpoint by name, or of one table in it, for example "model_state".

    Raises:
        ValueError: the bytes are not such a checkpoint.
    """
    objects, storages = _read_zip(data) if data[:2] == b"PK" else _read_legacy(data)
    named = objects if table is None else objects[table]
    return {
        name: _view(tensor, storages[tensor.storage.key])
        for name, tensor in named.items()
        if isinstance(tensor, _Tensor) and tensor.storage.dtype == _FloatStorage.dtype
    }


def _read_legacy(data: bytes) -> tuple[_Objects, _Storages]:
    stream = io.BytesIO(data)
    magic, protocol, _machine, objects, keys = (_Unpickler(stream).load() for _ in range(5))
    if magic != MAGIC or protocol != PROTOCOL:
        raise ValueError("not a PyTorch checkpoint")
    dtypes = {tensor.storage.key: tensor.storage.dtype for tensor in _tensors(objects)}
    storages = {}
    for key in keys:
        count = int(np.frombuffer(stream.read(8), dtype="<i8")[0])
        storages[key] = np.frombuffer(stream.read(dtypes[key].itemsize * count), dtype=dtypes[key])
    return objects, storages


def _read_zip(data: bytes) -> tuple[_Objects, _Storages]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        top = next(name for name in archive.namelist() if name.endswith("/data.pkl")).removesuffix("data.pkl")
        objects = _Unpickler(archive.open(f"{top}data.pkl")).load()
        used = {tensor.storage.key: tensor.storage.dtype for tensor in _tensors(objects)}
        return objects, {
            key: np.frombuffer(archive.read(f"{top}data/{key}"), dtype=dtype) for key, dtype in used.items()
        }


def _tensors(value: object) -> Iterator[_Tensor]:
    """All tensors in nested tables and lists: storages stand in the file for each of them."""
    if isinstance(value, _Tensor):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _tensors(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item)


def _view(tensor: _Tensor, storage: NDArray[np.generic]) -> Float32Array:
    strided = np.lib.stride_tricks.as_strided(
        storage[tensor.offset :], tensor.shape, tuple(4 * stride for stride in tensor.strides), writeable=False
    )
    return strided.astype(np.float32)
