"""The directions in which lips and sound go together, fitted on clips: canonical correlation (Hotelling, 1936) with a ridge."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from lips_trials import Clip

from countersign.core.arrays import Float64Array
from countersign.liveness.lips import check
from countersign.liveness.lips.agreement import FORMAT, Pictures, on_grid
from countersign.liveness.lips.mouth import MEASURES
from countersign.liveness.lips.sound import Sound

DATA = "GRID (CC BY 4.0), develop people"
PARTS, RIDGE = 6, 0.3


def projection(name: str, clips: Sequence[Clip]) -> str:
    """The directions in which these clips' lips and sound go together, as the content of a file."""
    pictures = {clip.name: _pictures(name, clip) for clip in clips}
    floor = np.median([shown.measures.std(axis=0) for shown in pictures.values()], axis=0) / 4
    seen, heard = [], []
    for clip in clips:
        grid = on_grid(pictures[clip.name], sound_in(clip), from_s=clip.start_s, to_s=clip.end_s, floor=floor)
        if grid is not None:
            used = grid.words & grid.known
            seen.append(grid.seen[used])
            heard.append(grid.heard[used])
    x, y = np.concatenate(seen), np.concatenate(heard)
    basis = _basis(x.shape[1] // 2, x)
    a, b, strength = _canonical(x @ basis, y)
    content = {
        "format": FORMAT,
        "name": f"lips-{name}",
        "data": DATA,
        "date": datetime.now(UTC).date().isoformat(),
        "clips": len({clip.name for clip in clips}),
        "people": len({clip.person for clip in clips}),
        "correlations": _short(strength),
        "weights": _short(strength / strength.sum()),
        "floor": _short(floor),
        "seen": [_short(row) for row in basis @ a],
        "heard": [_short(row) for row in b],
    }
    return json.dumps(content, separators=(",", ":")).replace('],"', '],\n"') + "\n"


def _basis(half: int, x: Float64Array) -> Float64Array:
    """`float64[2 half, r]`: shape as it is, looks by their sixteen principal components, rates of change likewise."""
    kept, shape = np.eye(min(half, MEASURES)), MEASURES
    if half > shape:
        looks = x[:, shape:half]
        _, _, axes = np.linalg.svd(looks - looks.mean(axis=0), full_matrices=False)
        kept = np.block([[kept, np.zeros((shape, 16))], [np.zeros((half - shape, shape)), axes[:16].T]])
    return np.block([[kept, np.zeros_like(kept)], [np.zeros_like(kept), kept]])


def _canonical(x: Float64Array, y: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Canonical correlation with a ridge: directions of x and of y with unit variance, and how strongly they correlate."""

    def whitener(z: Float64Array) -> Float64Array:
        covariance = np.cov(z.T)
        covariance += RIDGE * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
        return np.linalg.inv(np.linalg.cholesky(covariance)).T

    wx, wy = whitener(x), whitener(y)
    left, strength, right = np.linalg.svd(wx.T @ np.cov(x.T, y.T)[: x.shape[1], x.shape[1] :] @ wy)
    a, b = wx @ left[:, :PARTS], wy @ right.T[:, :PARTS]
    return a / (x @ a).std(axis=0), b / (y @ b).std(axis=0), strength[:PARTS]


def _short(values: Float64Array) -> list[float]:
    return [float(f"{value:.5g}") for value in values]


def _pictures(name: str, clip: Clip) -> Pictures:
    return check.beside(clip.mouth, clip.looks) if "looks" in name else check.shapes(clip.mouth)


def sound_in(clip: Clip) -> Sound:
    """The sound of a clip that has one."""
    if clip.sound is None:
        raise ValueError(f"{clip.name} has no sound")
    return clip.sound
