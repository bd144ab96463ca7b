"""Points and pictures go where the matrices say."""

from __future__ import annotations

import numpy as np
import pytest

from countersign.face.geometry import about, inverse, move, scale_of, similarity, warp

SQUARE = np.array([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)])


def test_a_similarity_is_found_again_from_points() -> None:
    matrix = about((3.0, 4.0), angle_deg=25.0, scale=1.7, to=(50.0, 60.0))
    assert similarity(SQUARE, move(SQUARE, matrix)) == pytest.approx(matrix, abs=1e-4)


def test_a_similarity_never_mirrors() -> None:
    matrix = similarity(SQUARE, SQUARE[:, ::-1])
    assert np.linalg.det(matrix[:, :2]) > -1e-9


def test_turning_counter_clockwise_lifts_what_is_on_the_right() -> None:
    matrix = about((0.0, 0.0), angle_deg=90.0, scale=2.0, to=(0.0, 0.0))
    assert move(np.array([(1.0, 0.0)]), matrix)[0] == pytest.approx((0.0, -2.0), abs=1e-6)


def test_the_inverse_undoes() -> None:
    matrix = about((3.0, 4.0), angle_deg=-70.0, scale=0.3, to=(9.0, 1.0))
    assert move(move(SQUARE, matrix), inverse(matrix)) == pytest.approx(SQUARE, abs=1e-4)
    assert scale_of(inverse(matrix)) == pytest.approx(1 / 0.3)


@pytest.mark.parametrize("scale", [2.0, 0.7, 0.25, 0.1])
def test_a_spot_lands_where_the_matrix_sends_it_at_every_scale(scale: float) -> None:
    image = np.zeros((400, 600, 3), dtype=np.uint8)
    image[190:210, 290:310] = 255
    matrix = about((299.5, 199.5), angle_deg=30.0, scale=scale, to=(60.0, 40.0))
    shown = warp(image, matrix, (120, 80))[..., 0].astype(float)
    rows, columns = np.indices(shown.shape)
    centre = ((columns * shown).sum() / shown.sum(), (rows * shown).sum() / shown.sum())
    assert centre == pytest.approx((60.0, 40.0), abs=0.15)


def test_fine_detail_is_averaged_when_a_picture_shrinks_not_sampled() -> None:
    stripes = np.zeros((512, 512, 3), dtype=np.uint8)
    stripes[:, ::2] = 200
    shrunk = warp(stripes, about((256.0, 256.0), angle_deg=0.0, scale=1 / 8, to=(32.0, 32.0)), (64, 64))
    assert shrunk[8:-8, 8:-8].astype(float) == pytest.approx(100.0, abs=6.0)


def test_beyond_the_picture_it_is_black() -> None:
    image = np.full((20, 20, 3), 255, dtype=np.uint8)
    far = about((10.0, 10.0), angle_deg=0.0, scale=0.2, to=(500.0, 500.0))
    assert not warp(image, far, (50, 50)).any()
