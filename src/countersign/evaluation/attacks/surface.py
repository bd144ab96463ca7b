"""A picture on a surface, seen by a pinhole camera: what a rendered head and a photograph held up are both made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float64Array, UInt8Array

_FRACTION_BITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TexturedSurface:
    """Triangles that each carry a part of a picture.

    Attributes:
        texture: `uint8[height, width, 3]`.
        places: `float64[n, 2]`: column and row of each vertex in the texture.
        triangles: `int64[m, 3]`, indices of vertices.
    """

    texture: UInt8Array = field(repr=False)
    places: Float64Array = field(repr=False)
    triangles: NDArray[np.int64] = field(repr=False)

    def draw(self, seen: Float64Array, onto: UInt8Array) -> UInt8Array:
        """The surface in front of a picture.

        Args:
            seen: `float64[n, 3]`: column and row of each vertex in the result, and its distance; nearer ones hide others.
            onto: `uint8[h, w, 3]`, the background; not changed.

        Returns:
            `uint8[h, w, 3]`.
        """
        height, width = onto.shape[:2]
        corners = seen[self.triangles]
        owner = np.zeros((height, width), dtype=np.int32)
        shown = np.round(corners[:, :, :2] * (1 << _FRACTION_BITS)).astype(np.int32)
        for index in np.argsort(-corners[:, :, 2].mean(axis=1), kind="stable"):
            cv2.fillConvexPoly(owner, shown[index], int(index) + 1, shift=_FRACTION_BITS)
        rows, columns = np.nonzero(owner)
        back = self._back(corners[:, :, :2])[owner[rows, columns] - 1]
        where = np.einsum("nij,nj->ni", back, np.stack([columns, rows, np.ones(len(rows))], axis=1))
        found = np.zeros((height, width, 2), dtype=np.float32)
        found[rows, columns] = where
        picture = cv2.remap(self.texture, found, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        # Half-covered pixels at the outline: a jagged edge would be a cue that no camera makes.
        cover = cv2.GaussianBlur((owner > 0).astype(np.float32), (0, 0), 0.7)[..., None]
        cover = np.where(owner[..., None] > 0, cover, 0.0)
        return cast("UInt8Array", np.rint(cover * picture + (1.0 - cover) * onto).astype(np.uint8))

    def _back(self, seen: Float64Array) -> Float64Array:
        """`float64[m, 2, 3]`: from the result's pixels to the texture's, for each triangle."""
        ones = np.ones((*seen.shape[:2], 1))
        square = np.concatenate([seen, ones], axis=2)
        area = np.linalg.det(square)
        square[np.abs(area) < 1e-6] = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
        return np.linalg.solve(square, self.places[self.triangles]).transpose(0, 2, 1)
