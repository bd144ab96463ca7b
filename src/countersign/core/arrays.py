"""Array types used in signatures. Shapes and units stand in the docstrings of what carries them."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Float32Array: TypeAlias = NDArray[np.float32]
Float64Array: TypeAlias = NDArray[np.float64]
UInt8Array: TypeAlias = NDArray[np.uint8]


def read_only(array: NDArray[np.generic]) -> None:
    """Make `array` refuse writes, so that a frozen dataclass holding it is frozen all the way down."""
    array.flags.writeable = False
