"""A mouth that speaks is told from a face that is made, a head that turns, and landmarks that tremble."""

from __future__ import annotations

import numpy as np
import pytest

from countersign.core.arrays import Float64Array
from countersign.liveness.lips.active_speaker import measure
from countersign.liveness.lips.mouth import MEASURES, Mouth

WORDS = np.array([[1.0, 4.0]])


def times(fps: float = 25.0) -> Float64Array:
    return np.arange(0.0, 5.0, 1 / fps)


def mouth(at: Float64Array, lips: Float64Array, poses_deg: Float64Array | None = None) -> Mouth:
    shape = np.tile(np.array([0.05, 0.3, 0.6, 0.9, 0.4]), (len(at), 1))
    assert shape.shape[1] == MEASURES
    shape[:, 1] += lips + np.random.default_rng(0).normal(0.0, 0.002, len(at))
    return Mouth(times_s=at, shape=shape, poses_deg=np.zeros((len(at), 3)) if poses_deg is None else poses_deg)


def syllables(at: Float64Array) -> Float64Array:
    """Four a second."""
    return np.asarray(0.05 * np.sin(2 * np.pi * 4.0 * at), np.float64)


@pytest.mark.parametrize("fps", [10.0, 15.0, 25.0, 30.0])
def test_a_mouth_that_speaks_moves_throughout(fps: float) -> None:
    found = measure(mouth(times(fps), syllables(times(fps))), WORDS)
    assert found.seen == 1.0
    assert found.moving > 0.9


@pytest.mark.parametrize("fps", [10.0, 25.0])
def test_a_mouth_at_rest_trembles_only(fps: float) -> None:
    assert measure(mouth(times(fps), np.zeros(len(times(fps)))), WORDS).moving < 0.05


def test_a_face_that_is_made_slowly_is_no_speech() -> None:
    slow = 0.05 * np.sin(2 * np.pi * 0.4 * times())
    assert measure(mouth(times(), slow), WORDS).moving < 0.1


def test_what_goes_with_the_turning_head_is_no_speech() -> None:
    yaw = 25.0 * np.sin(2 * np.pi * 1.0 * times())
    poses = np.stack([yaw, np.zeros_like(yaw), np.zeros_like(yaw)], axis=1)
    assert measure(mouth(times(), 0.05 * (yaw / 25.0) ** 2, poses), WORDS).moving < 0.1
    assert measure(mouth(times(), 0.05 * (yaw / 25.0) ** 2 + syllables(times()), poses), WORDS).moving > 0.9


def test_words_that_fall_where_the_mouth_is_not_seen_are_not_spoken_by_it() -> None:
    at = times()[times() < 2.0]
    found = measure(mouth(at, syllables(at)), WORDS)
    assert found.seen < 0.5
    assert found.moving < 0.5
