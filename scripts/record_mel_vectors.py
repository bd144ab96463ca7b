"""Record what librosa answers to a fixed sound, for the test of the mel spectrum. For developers only.

    pip install librosa==0.11.0                        in a scratch environment, with Countersign beside it
    PYTHONPATH=. python scripts/record_mel_vectors.py

writes tests/voice/vectors/mel-librosa.npz.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
from tests.voice.sounds import buzz, hiss

TARGET = Path(__file__).parent.parent / "tests" / "voice" / "vectors" / "mel-librosa.npz"


def main() -> None:
    """Write the file."""
    sound = np.round(32767 * (buzz(0.7) + hiss(0.7, level=0.05))).clip(-32768, 32767).astype(np.int16)
    mels = importlib.import_module("librosa").feature.melspectrogram(
        y=sound.astype(np.float32) / np.float32(32768), sr=16_000, n_fft=400, hop_length=160, n_mels=40
    )
    np.savez_compressed(TARGET, sound=sound, mels=mels.T.astype(np.float32))


if __name__ == "__main__":
    main()
