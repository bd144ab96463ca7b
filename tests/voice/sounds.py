"""Sounds for the tests: made ones, and real speech from the samples."""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path

import numpy as np

from countersign.core.arrays import Float32Array
from countersign.core.samples import SAMPLE_RATE_HZ, AudioClip, Capture
from countersign.media.decode import decode


def clip(samples: Float32Array, *, start_s: float = 0.0) -> AudioClip:
    """Samples as a sound."""
    return AudioClip(samples=samples.astype(np.float32), start_s=start_s)


def silence(seconds: float) -> Float32Array:
    """Nothing at all."""
    return np.zeros(round(seconds * SAMPLE_RATE_HZ), np.float32)


def hiss(seconds: float, *, level: float = 0.1, seed: int = 1) -> Float32Array:
    """White noise of a root mean square."""
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal(round(seconds * SAMPLE_RATE_HZ))).astype(np.float32)


def buzz(seconds: float, *, pitch_hz: float = 120.0, level: float = 0.1) -> Float32Array:
    """A voice without a mouth: all harmonics, each weaker than the one below it."""
    times = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    harmonics = np.arange(1, int(7000 / pitch_hz))
    waves = np.sin(2 * np.pi * pitch_hz * harmonics[:, None] * times) / harmonics[:, None]
    sound = waves.sum(axis=0)
    sound *= level / np.sqrt(np.mean(sound**2))
    return np.asarray(sound, np.float32)


def music(seconds: float) -> Float32Array:
    """Chords of plucked strings over a beat; nobody sings."""
    rng = np.random.default_rng(7)
    total = np.zeros(round(seconds * SAMPLE_RATE_HZ))
    step = SAMPLE_RATE_HZ // 4
    for start in range(0, len(total) - step, step):
        times = np.arange(min(4 * step, len(total) - start)) / SAMPLE_RATE_HZ
        for semitone in rng.choice([0, 3, 5, 7, 10, 12, 15], 3, replace=False):
            pitch = 196.0 * 2.0 ** (semitone / 12.0)
            for harmonic in range(1, 6):
                total[start : start + len(times)] += (
                    np.sin(2 * np.pi * pitch * harmonic * times) * np.exp(-4.0 * times) / harmonic**1.5
                )
        beat = rng.standard_normal(800) * np.exp(-np.arange(800) / 150.0)
        total[start : start + 800] += beat[: len(total) - start]
    return np.asarray(0.2 * total / np.abs(total).max(), np.float32)


def spoken(samples: Path, folder: str, speaker: str, count: int, *, least_s: float = 2.0) -> list[AudioClip]:
    """The first utterances of a speaker that are long enough."""
    home = samples / "voice" / folder
    with (home / "index.csv").open(encoding="utf-8") as index:
        rows = [row for row in csv.DictReader(index) if row["speaker"] == speaker and float(row["seconds"]) >= least_s]
    return [heard(home / row["file"]) for row in islice(rows, count)]


def heard(file: Path) -> AudioClip:
    """The sound of a file."""
    audio = decode(Capture(data=file.read_bytes())).audio
    assert audio is not None
    return audio
