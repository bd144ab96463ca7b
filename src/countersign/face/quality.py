"""How good a face in a picture is, and when it is too poor to use."""

from __future__ import annotations

import math

import cv2
import numpy as np

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.arrays import Float32Array, UInt8Array
from countersign.core.quality import FaceQuality
from countersign.face.align import Template
from countersign.face.detect import DetectedFace
from countersign.face.sole import failure

CHIP = Template(side=112, points=np.array([(32, 40), (80, 40), (56, 66), (37, 92), (75, 92)], dtype=np.float64))
"""Where quality is measured: from brows to chin, cheek to cheek, hardly any hair or background."""
EYES_FOR_MOUTH = 0.96
"""Distance between the eyes, in distances from eyes to mouth, of a face seen from the front."""

MIN_INTER_EYE_PX = 10.0
"""Photos shrunk until the eyes were 10 pixels apart still told 18 people apart (EER 1.4 % in pack `core`), at 8 not."""
MIN_BRIGHTNESS, MAX_BRIGHTNESS = 0.05, 0.93
"""Darkened with some noise, errors begin at 0.05, brightened at 0.9; 866 photos as they were lie between 0.13 and 0.73."""
MIN_SHARPNESS = 4.0
"""A Gaussian blur of a twelfth of the distance between the eyes; errors begin just above."""


def measure(image: UInt8Array, face: DetectedFace) -> FaceQuality:
    """Quality of `face` in `image` (`uint8[height, width, 3]`, RGB)."""
    grey = cv2.cvtColor(CHIP.chip(image, face.points), cv2.COLOR_RGB2GRAY)
    return FaceQuality(
        inter_eye_px=inter_eye_px(face.points),
        sharpness=float(cv2.Laplacian(grey, cv2.CV_32F).var()),
        brightness=float(grey.mean()) / 255,
        contrast=float(grey.std()) / 255,
        detector_score=face.score,
    )


def inter_eye_px(points: Float32Array) -> float:
    """Distance between the eyes as it would be from the front, pixels.

    Turning the head brings the eyes together, nodding brings eyes and mouth together; hardly anybody does both in full,
    so the larger of the two distances, made comparable, stands for the size.
    """
    eyes = math.dist(points[0].tolist(), points[1].tolist())
    mouth = math.dist(points[:2].mean(axis=0).tolist(), points[3:].mean(axis=0).tolist())
    return max(eyes, EYES_FOR_MOUTH * mouth)


def refusal(quality: FaceQuality) -> FailureToAcquire | None:
    """Why the face cannot be used, or None if it can."""
    if quality.inter_eye_px < MIN_INTER_EYE_PX:
        return failure(
            AcquisitionReason.FACE_TOO_SMALL,
            f"{quality.inter_eye_px:.0f} pixels between the eyes, {MIN_INTER_EYE_PX:.0f} needed",
        )
    if quality.brightness < MIN_BRIGHTNESS:
        return failure(AcquisitionReason.TOO_DARK, f"brightness {quality.brightness:.3f} of the face")
    if quality.brightness > MAX_BRIGHTNESS:
        return failure(AcquisitionReason.TOO_BRIGHT, f"brightness {quality.brightness:.3f} of the face")
    if quality.sharpness < MIN_SHARPNESS:
        return failure(AcquisitionReason.BLURRED, f"sharpness {quality.sharpness:.1f} of the face")
    return None
