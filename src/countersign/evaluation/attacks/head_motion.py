"""How a head turns when it is asked to: angles over time, as a person moves and not as a machine would."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from countersign.core.arrays import Float64Array
from countersign.core.quality import HeadPose
from countersign.liveness.challenge import Side, TurnPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How somebody does as asked.

    Attributes:
        reach: of the asked extent, to the first and to the second side; 1.2 is a fifth further than asked.
        turn_s: seconds for the whole, from facing the camera to facing it again.
        hold_s: seconds that the head stays at each side, of these.
        nod_deg: pitch that comes with a full turn, either sign.
        tilt_deg: roll that comes with a full turn, either sign.
        seed: of the unsteadiness.
    """

    reach: tuple[float, float] = (1.2, 1.2)
    turn_s: float = 3.2
    hold_s: float = 0.25
    nod_deg: float = 4.0
    tilt_deg: float = 3.0
    seed: int = 0

    @classmethod
    def drawn(cls, random: np.random.Generator) -> Manner:
        """Somebody's."""
        return cls(
            reach=(float(random.uniform(0.95, 1.6)), float(random.uniform(0.95, 1.6))),
            turn_s=float(random.uniform(2.2, 4.5)),
            hold_s=float(random.uniform(0.1, 0.4)),
            nod_deg=float(random.normal(0.0, 4.0)),
            tilt_deg=float(random.normal(0.0, 3.0)),
            seed=int(random.integers(1 << 31)),
        )


def turning(path: TurnPath, *, fps: float, manner: Manner | None = None, still_s: float = 0.3) -> tuple[HeadPose, ...]:
    """The poses of a head that follows the path, one a frame, beginning and ending towards the camera.

    Args:
        path: what is asked.
        fps: frames a second.
        manner: how it is done.
        still_s: seconds before and after.
    """
    manner = Manner() if manner is None else manner
    sign = 1.0 if path.first is Side.LEFT else -1.0
    first, second = (path.extent_deg * reach for reach in manner.reach)
    corners_s, yaws = _corners(manner, sign * first, -sign * second)
    times = np.arange(round((manner.turn_s + 2 * still_s) * fps)) / fps - still_s
    yaw = _eased(times, corners_s, yaws)
    share = yaw / max(first, second)
    sway = _sway(len(times), fps, np.random.default_rng(manner.seed))
    return tuple(
        HeadPose(
            yaw=float(y + s[0]), pitch=float(manner.nod_deg * abs(a) + s[1]), roll=float(manner.tilt_deg * a + s[2])
        )
        for y, a, s in zip(yaw, share, sway, strict=True)
    )


def side_of_first(path: TurnPath) -> float:
    """The sign of the first turning point, as `HeadPose.yaw` counts."""
    return 1.0 if path.first is Side.LEFT else -1.0


def _corners(manner: Manner, first: float, second: float) -> tuple[Float64Array, Float64Array]:
    """Times and yaws of where the head stands still; each way takes its share of the time."""
    moving = max(manner.turn_s - 2 * manner.hold_s, 0.2)
    ways = np.sqrt(np.array([abs(first), abs(first - second), abs(second)]))
    ways = moving * ways / ways.sum()
    steps = [0.0, ways[0], manner.hold_s, ways[1], manner.hold_s, ways[2]]
    return np.cumsum(steps), np.array([0.0, first, first, second, second, 0.0])


def _eased(times: Float64Array, corners_s: Float64Array, values: Float64Array) -> Float64Array:
    """Between corners along a smooth step (minimum jerk; Flash and Hogan, 1985)."""
    index = np.clip(np.searchsorted(corners_s, times, side="right") - 1, 0, len(corners_s) - 2)
    span = np.maximum(corners_s[index + 1] - corners_s[index], 1e-9)
    share = np.clip((times - corners_s[index]) / span, 0.0, 1.0)
    smooth = share**3 * (10 - 15 * share + 6 * share**2)
    return np.asarray(values[index] + (values[index + 1] - values[index]) * smooth, dtype=np.float64)


def _sway(count: int, fps: float, random: np.random.Generator) -> Float64Array:
    """`float64[count, 3]` degrees: nobody's head stands quite still."""
    width = max(3, round(fps * 0.6))
    steps = random.normal(0.0, 1.0, (count + width - 1, 3))
    window = np.hanning(width + 2)[1:-1]
    window /= np.sqrt((window**2).sum())
    smooth = np.stack([np.convolve(steps[:, axis], window, "valid") for axis in range(3)], axis=1)
    return np.asarray(0.5 * smooth, dtype=np.float64)
