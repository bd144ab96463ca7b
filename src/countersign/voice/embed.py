"""Sound to one voice embedding: many windows of the GE2E speaker encoder (Wan et al., 2018), averaged.

The encoder was trained on windows of 1.6 s and hears how loud they are, as the power spectrum is not compressed. These
measures lower the error over averaging a few windows; `docs/voice.md` has what each is worth:

- The windows run round: one that reaches the end of the sound goes on at its beginning. So each moment is heard in as many
  windows as any other, at every place within them, and 2 s of sound give as many different windows as 6 s.
- Neighbouring windows are heard at different levels, 6 dB apart.
- Every third three windows are heard backwards: another view of the same vocal tract, whose errors are its own.
- Long pauses are cut short, and a window counts by how much of it is speech.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from countersign.core.arrays import Float32Array
from countersign.core.biometrics import Embedding, Modality
from countersign.models.runtime import Model

WINDOW_FRAMES = 160
LEVELS_DBFS = (-30.0, -24.0, -18.0)
"""Level of the speech in the first, second and third of every three windows; most training sound lay in this range."""

_BACKWARDS_OF = 3
_FEWEST_WINDOWS = 30
_WIDEST_STEP = 80
"""In frames: beyond 24 s of sound the number of windows grows, so that every moment is in at least two of them."""

_PAUSE_KEPT = 40
"""Frames (of 10 ms) before and after speech that are kept."""

_LEAST_WEIGHT = 1e-3


def embed(model: Model, mels: Float32Array, speech: NDArray[np.bool_]) -> Embedding:
    """One unit vector for a sound.

    Args:
        model: "ge2e".
        mels: `float32[frames, 40]`, mel power spectrum of a sound whose speech is at 0 dBFS (root mean square).
        speech: `bool[frames]`, whether there is speech; somewhere there is.
    """
    near = binary_dilation(speech, np.ones(2 * _PAUSE_KEPT + 1, np.bool_))
    mels, speech = mels[near], speech[near]
    places = window_places(len(mels))
    weights = (speech[places].mean(axis=1) + _LEAST_WEIGHT).astype(np.float32)
    mean: Float32Array = weights @ model(mels[places] * _gains(len(places)))[0]
    return Embedding(vector=mean / np.linalg.norm(mean), modality=Modality.VOICE, model=model.ref)


def window_places(frames: int) -> NDArray[np.int64]:
    """Which frames each window holds, in the order in which it hears them.

    Args:
        frames: of the sound, at least 1.

    Returns:
        `int64[windows, 160]`, evenly spaced and running round the end.
    """
    windows = max(_FEWEST_WINDOWS, -(-frames // _WIDEST_STEP))
    starts = np.arange(windows) * frames // windows
    places = (starts[:, None] + np.arange(WINDOW_FRAMES)) % frames
    backwards = np.arange(windows) // len(LEVELS_DBFS) % _BACKWARDS_OF == _BACKWARDS_OF - 1
    places[backwards] = places[backwards, ::-1]
    return places


def _gains(windows: int) -> Float32Array:
    """`float32[windows, 1, 1]`, of power."""
    levels = np.resize(np.array(LEVELS_DBFS, np.float32), windows)
    return cast("Float32Array", np.float32(10.0) ** (levels[:, None, None] / np.float32(10.0)))
