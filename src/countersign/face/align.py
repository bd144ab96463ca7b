"""Where the five points of a face belong in the picture that an embedder was trained on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from countersign.core.arrays import Float32Array, Float64Array, UInt8Array
from countersign.face.geometry import similarity, warp


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """An embedder's idea of an upright face.

    Attributes:
        side: of the square chip, pixels.
        points: `float64[5, 2]`, in pixels of the chip: eye on its left, eye on its right, nose tip, mouth corners.
    """

    side: int
    points: Float64Array = field(repr=False)

    def chip(self, image: UInt8Array, points: Float32Array) -> UInt8Array:
        """`uint8[side, side, 3]`: the face whose five points are `points`, brought to where the template has them."""
        return warp(image, similarity(points, self.points), (self.side, self.side))


def _dlib(padding: float) -> Template:
    """From `mean_face_shape_x` and `_y` of dlib/image_transforms/interpolation.h.

    Means over the points of each eye, the tip of the nose and the mouth's corners, in a square that dlib widens by
    `padding` on every side.
    """
    x = np.array([0.225492, 0.754761, 0.490127, 0.254149, 0.726104])
    y = np.array([0.215994, 0.215994, 0.515625, 0.780233, 0.780233])
    return Template(side=150, points=(np.column_stack([x, y]) + padding) / (1 + 2 * padding) * 150)


DLIB = _dlib(0.18)
"""dlib itself pads by 0.25, with landmarks of its own. With ours 0.18 is better, most of all for profiles."""

OPEN_MODEL_ZOO = Template(
    side=128,
    points=128
    * np.array(
        [
            (0.31556875, 0.46157410),
            (0.68262292, 0.45983393),
            (0.50026249, 0.64050537),
            (0.34947187, 0.82469195),
            (0.65343646, 0.82325077),
        ]
    ),
)
"""From the documentation of face-reidentification-retail-0095."""

ARC_FACE = Template(
    side=112,
    points=np.array(
        [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)]
    ),
)
"""SFace and the ArcFace family; OpenCV's FaceRecognizerSF uses the same."""

FACENET = Template(
    side=160, points=np.array([(43.1, 59.0), (116.9, 59.0), (80.0, 93.0), (47.4, 119.0), (112.6, 119.0)])
)
"""FaceNet was trained on MTCNN's boxes, not on aligned faces; these are the places of MTCNN's points in its box, on
average over 562 frontal photos, so that a level face looks as it did in training."""
