"""Corners of the picture itself tell depth from none, and say so when they are lost."""

from __future__ import annotations

import numpy as np
import pytest

from countersign.core.arrays import Float32Array, Float64Array
from countersign.core.quality import HeadPose
from countersign.evaluation.attacks.rendered_head import rotation
from countersign.liveness.flow import SIDE, FlowTracks, flow_parallax

RANDOM = np.random.default_rng(7)
PLACES = RANDOM.uniform(-30, 30, (80, 2))
YAWS = np.linspace(-25, 25, 15)


def face_depth(places: Float64Array) -> Float64Array:
    """A nose on a round face, nearer is smaller."""
    depths: Float64Array = 0.01 * (places[:, 0] ** 2) - 18.0 * np.exp(-((places / 9.0) ** 2).sum(axis=1))
    return depths


def seen(places: Float64Array, depths: Float64Array, noise: float) -> Float32Array:
    solid = np.column_stack([places, depths])
    views = [(solid @ rotation(HeadPose(yaw=yaw, pitch=0.0, roll=0.0)).T)[:, :2] for yaw in YAWS]
    return (np.stack(views) + RANDOM.normal(0.0, noise, (len(YAWS), len(places), 2)) + SIDE / 2).astype(np.float32)


def tracks(depths: Float64Array, *, noise: float = 0.2) -> FlowTracks:
    return FlowTracks(
        places=(PLACES + SIDE / 2).astype(np.float32),
        depths=face_depth(PLACES).astype(np.float32),
        seen=seen(PLACES, depths, noise),
        frames=np.arange(len(YAWS)),
    )


def landmarks() -> Float32Array:
    places = RANDOM.uniform(-30, 30, (150, 2))
    flat = seen(places, face_depth(places), 0.05)
    return np.concatenate([flat, np.broadcast_to(face_depth(places)[None, :, None], (*flat.shape[:2], 1))], axis=2)


def test_a_solid_agrees_with_the_landmarks() -> None:
    found = flow_parallax(tracks(face_depth(PLACES)), landmarks())
    assert found is not None
    assert found.agreement == pytest.approx(1.0, abs=0.15)
    assert found.parallax == pytest.approx(2 * np.sin(np.radians(25)), abs=0.2)
    assert found.noise < 0.1


def test_a_plane_and_a_cylinder_do_not_whatever_the_landmarks_say() -> None:
    for depths in (np.zeros(80), 0.3 * PLACES[:, 0], 0.008 * PLACES[:, 0] ** 2):
        found = flow_parallax(tracks(depths), landmarks())
        assert found is not None
        assert abs(found.parallax) < 0.1


def test_a_highlight_that_goes_its_own_way_does_little_harm() -> None:
    flat = tracks(np.zeros(80))
    wild = flat.seen.copy()
    wild[:, :10] += np.linspace(-6, 6, len(YAWS))[:, None, None]
    found = flow_parallax(
        FlowTracks(places=flat.places, depths=flat.depths, seen=wild, frames=flat.frames), landmarks()
    )
    assert found is not None
    assert abs(found.parallax) < 0.25


def test_corners_lost_on_most_of_the_way_say_nothing() -> None:
    whole = tracks(face_depth(PLACES))
    lost = whole.seen.copy()
    lost[np.abs(YAWS) > 8] = np.nan
    gone = FlowTracks(places=whole.places, depths=whole.depths, seen=lost, frames=whole.frames)
    assert flow_parallax(gone, landmarks()) is None
