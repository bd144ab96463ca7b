"""Readers for the files of a CMU Sphinx acoustic model: little-endian arrays behind short headers.

Kinds: "s3" files (Gaussian means and variances, transition matrices: a text header up to ``endhdr``, a byte-order mark,
dimensions, 32-bit floats), the binary model definition ("BMDF"), and the dump of mixture weights ("sendump").
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float32Array, UInt8Array

_BYTE_ORDER_MARK = 0x11223344


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a model definition says.

    Attributes:
        names: the phones, fillers included; their index is a phone's number.
        context: `int64[n, 4]` of every context-dependent phone: position in the word, base, left and right phone.
        states: `int64[phones + n, 3]`, the tied states ("senones") of every phone, context-independent ones first.
        transitions: `int64[phones + n]`, which transition matrix each has.
        state_count: number of tied states.
    """

    names: tuple[str, ...]
    context: NDArray[np.int64]
    states: NDArray[np.int64]
    transitions: NDArray[np.int64]
    state_count: int


def read_definition(data: bytes) -> Definition:
    """Read a binary model definition.

    Raises:
        ValueError, struct.error: it is none.
    """
    magic, _version, skip = struct.unpack_from("<4sii", data)
    if magic != b"BMDF":
        raise ValueError("not a little-endian binary model definition")
    at = 12 + skip
    n_base, n_all, n_emit, _, n_states, _, n_sequences, _, n_tree, _ = struct.unpack_from("<10i", data, at)
    at += 40
    # Names end in zero bytes; the block is padded to four bytes. A search tree follows, which we do not need.
    block = data[at:].split(b"\0", n_base)[:n_base]
    at += (sum(len(name) + 1 for name in block) + 3) // 4 * 4 + 8 * n_tree
    entry = np.dtype([("sequence", "<i4"), ("transitions", "<i4"), ("context", "u1", 4)])
    phones = np.frombuffer(data, entry, n_all, at)
    at += entry.itemsize * n_all + 4
    sequences = np.frombuffer(data, "<u2", n_sequences * n_emit, at).reshape(n_sequences, n_emit)
    return Definition(
        names=tuple(name.decode("ascii") for name in block),
        context=phones["context"][n_base:].astype(np.int64),
        states=sequences[phones["sequence"]].astype(np.int64),
        transitions=phones["transitions"].astype(np.int64),
        state_count=n_states,
    )


def read_gaussians(data: bytes) -> Float32Array:
    """Read means or variances: `float32[codebooks, streams, densities, values]`.

    Raises:
        ValueError, struct.error: it is no such file, or its streams differ in length.
    """
    at = _after_header(data)
    codebooks, streams, densities = struct.unpack_from("<3i", data, at)
    lengths = struct.unpack_from(f"<{streams}i", data, at + 12)
    if len(set(lengths)) != 1:
        raise ValueError(f"streams of unequal length: {lengths}")
    shape = (codebooks, streams, densities, lengths[0])
    return np.frombuffer(data, "<f4", int(np.prod(shape)), at + 16 + 4 * streams).reshape(shape)


def read_transitions(data: bytes) -> Float32Array:
    """Read transition matrices: `float32[matrices, states, states + 1]`, rows not yet normalised.

    Raises:
        ValueError, struct.error: it is no such file.
    """
    at = _after_header(data)
    shape = struct.unpack_from("<3i", data, at)
    return np.frombuffer(data, "<f4", int(np.prod(shape)), at + 16).reshape(shape)


def read_mixture_weights(data: bytes, *, streams: int) -> UInt8Array:
    """Read mixture weights: `uint8[streams, densities, states]`, in steps of -1024 ln 1.0001 nats; columns may be padded.

    Raises:
        ValueError, struct.error: it is no such file.
    """
    at = 0
    while size := struct.unpack_from("<i", data, at)[0]:
        at += 4 + size
    rows, columns = struct.unpack_from("<2i", data, at + 4)
    return np.frombuffer(data, np.uint8, streams * rows * columns, at + 12).reshape(streams, rows, columns)


def _after_header(data: bytes) -> int:
    end = data.index(b"endhdr\n") + len(b"endhdr\n")
    if struct.unpack_from("<I", data, end)[0] != _BYTE_ORDER_MARK:
        raise ValueError("not little-endian")
    return end + 4
