"""Does the file look as a camera and a microphone make it, rather than an editor, a synthesiser or a virtual camera?

Evidence for the operator. Whoever controls the device controls all of it, so no profile asks for it, and the ratio is set by
hand, not fitted: every finding takes what a careful person would let it take. What it cannot tell: a virtual camera whose
frames the browser itself records.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from countersign.core.arrays import Float32Array, Float64Array, UInt8Array
from countersign.core.evidence import LLR, Assessment, NotAssessed
from countersign.core.samples import AudioClip, ContainerFacts, Recording, VideoClip

CALIBRATION = "injection-by-hand/1"
USUAL_RATES_HZ = (16_000, 44_100, 48_000)
"""Of microphones as browsers and phones record them; synthesisers like 22,050 and 24,000."""
EDITORS = ("lavf", "lavc", "handbrake", "mencoder", "adobe", "imovie")
"""What names itself so in a file is no recorder."""

EVEN_MS = 0.05
"""Deviation of frame times from a perfect beat that no clock of a camera keeps, beyond the rounding of the container."""
SAME = 0.02
"""Grey levels, mean difference of two pictures that are one."""
BLENDED = 0.35
"""How near a picture is to the mean of its neighbours, in parts of their difference, when it was made of them."""
QUIET = 0.05
"""Grey levels that the stillest parts of a picture change by from frame to frame, if there is a sensor behind it."""
MANY, APART_S = 0.15, 0.6
"""Share of pictures; and seconds between the ends of picture and sound."""
_LOOKED_AT, _STRIDE, _BLOCK = 32, 4, 8
_PRIOR = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found.

    Attributes:
        jitter_ms: deviation of the frame times from an even beat.
        even: 1 if they keep it better than a camera does.
        repeated: share of pictures that equal the one before.
        blended: share of pictures that are the mean of their neighbours.
        noise: grey levels by which the stillest parts change from picture to picture.
        odd_rate: 1 if the sound's rate is none of a microphone's.
        zeros: share of samples that are exactly nought.
        apart_s: seconds between the end of the picture and the end of the sound.
        edited: 1 if the file names an editing program as its writer.
    """

    jitter_ms: float
    even: float
    repeated: float
    blended: float
    noise: float
    odd_rate: float
    zeros: float
    apart_s: float
    edited: float

    @property
    def nats(self) -> float:
        """By hand; see the module."""
        odd = [
            0.5 * self.even,
            0.5 * (self.repeated > MANY),
            0.5 * (self.blended > MANY),
            0.5 * (self.noise < QUIET),
            0.5 * self.odd_rate,
            0.5 * (self.zeros > MANY),
            0.5 * (self.apart_s > APART_S),
            1.0 * self.edited,
        ]
        return _PRIOR - float(sum(odd))

    def as_measures(self) -> Mapping[str, float]:
        """For the operator."""
        return {
            "jitter_ms": self.jitter_ms,
            "even_flag": self.even,
            "repeated_share": self.repeated,
            "blended_share": self.blended,
            "noise_grey_levels": self.noise,
            "odd_rate_flag": self.odd_rate,
            "zeros_share": self.zeros,
            "ends_apart_s": self.apart_s,
            "edited_flag": self.edited,
        }


def check_injection(recording: Recording) -> Assessment | NotAssessed:
    """Look at a recording's file rather than at what it shows."""
    if recording.video is None or len(recording.video.frames) < 4:
        return NotAssessed(reason="the recording has too few pictures")
    found = examine(recording.video, recording.audio, recording.facts)
    llr = LLR(value=found.nats, calibration=CALIBRATION)
    return Assessment(llr=llr, score=found.nats, measures=found.as_measures())


def examine(video: VideoClip, audio: AudioClip | None, facts: ContainerFacts) -> Findings:
    """Find what is odd about a moving picture of four frames or more, and its sound."""
    jitter_ms, even = _beat(video.timestamps_s)
    pictures = _middle([frame.image for frame in video.frames])
    repeated, blended, noise = _pictures(pictures)
    ends = [video.duration_s + float(video.timestamps_s[0])]
    ends += [audio.start_s + audio.duration_s] if audio is not None else []
    writer = (facts.encoder or "").lower()
    return Findings(
        jitter_ms=jitter_ms,
        even=float(even),
        repeated=repeated,
        blended=blended,
        noise=noise,
        odd_rate=float(audio is not None and audio.source_rate_hz not in USUAL_RATES_HZ),
        zeros=float(np.mean(audio.samples == 0.0)) if audio is not None and len(audio.samples) else 0.0,
        apart_s=max(ends) - min(ends),
        edited=float(any(name in writer for name in EDITORS)),
    )


def _beat(times_s: Float64Array) -> tuple[float, bool]:
    """Deviation from an even beat in milliseconds, and whether it is smaller than a camera's.

    Containers round: WebM to a millisecond, which alone deviates by 0.29.
    """
    count = np.arange(len(times_s), dtype=np.float64)
    slope, start = np.polyfit(count, times_s, 1)
    left = 1000.0 * (times_s - (slope * count + start))
    whole = bool(np.allclose(1000.0 * times_s, np.round(1000.0 * times_s), atol=1e-3))
    rounding = 1.0 / np.sqrt(12.0) if whole else 0.0
    jitter = float(left.std())
    return jitter, len(times_s) >= 30 and jitter < rounding * 1.1 + EVEN_MS


def _middle(images: Sequence[UInt8Array]) -> Float32Array:
    """`float32[n, h, w]`: green, thinned out without averaging, which would take the noise away."""
    first = max(0, (len(images) - _LOOKED_AT) // 2)
    shown = images[first : first + _LOOKED_AT]
    sizes = {image.shape for image in shown}
    shown = [image for image in shown if image.shape == max(sizes)]
    return np.stack([image[::_STRIDE, ::_STRIDE, 1] for image in shown]).astype(np.float32)


def _pictures(green: Float32Array) -> tuple[float, float, float]:
    """Share of repeated pictures, share of blended ones, noise in grey levels."""
    if len(green) < 4:
        return 0.0, 0.0, QUIET
    steps = np.abs(np.diff(green, axis=0))
    change = steps.mean(axis=(1, 2))
    across = np.abs(green[2:] - green[:-2]).mean(axis=(1, 2))
    between = np.abs(green[1:-1] - (green[2:] + green[:-2]) / 2).mean(axis=(1, 2))
    moving = across > 1.0
    blended = float((between[moving] < BLENDED * across[moving]).mean()) if moving.any() else 0.0
    rows, columns = (size // _BLOCK * _BLOCK for size in green.shape[1:])
    blocks = steps[:, :rows, :columns].reshape(len(steps), rows // _BLOCK, _BLOCK, columns // _BLOCK, _BLOCK)
    each = np.median(blocks.mean(axis=(2, 4)), axis=0)
    return float((change < SAME).mean()), blended, float(np.quantile(each, 0.25))
