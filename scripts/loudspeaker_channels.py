"""What microphones, rooms, loudspeakers and codecs do to speech, drawn at random: far more kinds than the attack suite's one.

A person before a camera: a microphone, nearly always a room, noise, a codec. A replay: all of that, and then a loudspeaker, a
room and everything once more. The four kinds of loudspeaker differ in where their low end begins, in resonances and in distortion.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, lfilter, sosfilt

from countersign.core.samples import SAMPLE_RATE_HZ, Capture
from countersign.media.decode import decode
from countersign.media.limits import Limits

Sound = NDArray[np.float32]

SPEAKERS = {
    "phone": (300.0, 800.0, 1.2),
    "tablet": (180.0, 400.0, 0.8),
    "laptop": (120.0, 300.0, 0.5),
    "good": (50.0, 90.0, 0.1),
}
"""Lowest and highest cutoff in Hz, and the drive, of root mean square, that the membrane's cubic saturation sees."""
ACROSS = "across a room"
"""Any of these, further away."""
KINDS = (*SPEAKERS, ACROSS)
_FLIPS = np.array(list(itertools.product((0, 1), repeat=3)))
_CELLS = np.array(list(itertools.product(range(-5, 6), repeat=3)))


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What is drawn from.

    Attributes:
        noises: sounds that are no speech, each longer than a second.
        responses: of measured rooms.
    """

    noises: Sequence[Sound] = field(repr=False)
    responses: Sequence[Sound] = field(repr=False)


def person(sound: Sound, random: np.random.Generator, world: World) -> Sound:
    """Somebody who speaks before a camera: near, 0.25 to 1 m, in one room."""
    return _recorded(sound, random, world, nearest_m=0.25, farthest_m=1.0, quiet_db=(15.0, 35.0))


def replay(sound: Sound, kind: str, random: np.random.Generator, world: World) -> Sound:
    """A recording of that, played by a loudspeaker of `kind` to another microphone, 0.15 to 1.5 m away; 1 to 3 m if `ACROSS`."""
    recorded = person(sound, random, world) if random.random() < 0.75 else sound
    if kind == ACROSS:
        played = loudspeaker(recorded, str(random.choice(list(SPEAKERS))), random)
        return _recorded(played, random, world, nearest_m=1.0, farthest_m=3.0, quiet_db=(15.0, 35.0))
    played = loudspeaker(recorded, kind, random)
    return _recorded(played, random, world, nearest_m=0.15, farthest_m=1.5, quiet_db=(15.0, 35.0))


def loudspeaker(sound: Sound, kind: str, random: np.random.Generator) -> Sound:
    """A high pass of second to fourth order at the low end, a few resonances, and distortion."""
    lowest, highest, drive = SPEAKERS[kind]
    low = float(np.exp(random.uniform(np.log(lowest), np.log(highest))))
    out = sosfilt(butter(int(random.integers(2, 5)), low, "high", fs=SAMPLE_RATE_HZ, output="sos"), sound)
    out = _peak(out, low * random.uniform(1.0, 1.6), random.uniform(0.0, 6.0), random.uniform(1.0, 3.0))
    for _ in range(int(random.integers(1, 5)) if kind != "good" else 1):
        hertz = float(np.exp(random.uniform(np.log(400.0), np.log(7000.0))))
        out = _peak(out, hertz, random.uniform(-8.0, 8.0) * min(1.0, drive + 0.3), random.uniform(0.8, 5.0))
    if kind != "good" and random.random() < 0.5:
        out = sosfilt(butter(1, random.uniform(4500.0, 7500.0), "low", fs=SAMPLE_RATE_HZ, output="sos"), out)
    size = drive * random.uniform(0.2, 1.0) / max(float(np.sqrt(np.mean(out**2))), 1e-9) / 3.0
    scaled = size * out + random.uniform(0.0, 0.1) * drive * (size * out) ** 2
    return np.asarray(np.tanh(scaled) / size, np.float32)


def room(random: np.random.Generator, *, metres: float, seconds: float = 0.45) -> Sound:
    """A rectangular room by image sources (Allen and Berkley, 1979), source and microphone `metres` apart; direct sound 1."""
    size = random.uniform((2.2, 2.2, 2.2), (6.0, 5.0, 3.0))
    microphone = random.uniform(0.25, 0.75, 3) * size
    way = random.normal(size=3) * (1.0, 1.0, 0.3)
    source = np.clip(microphone + metres * way / np.linalg.norm(way), 0.1, size - 0.1)
    kept, higher = random.uniform(0.55, 0.9), random.uniform(0.0, 0.35)
    images = (1 - 2 * _FLIPS)[None] * source + 2 * _CELLS[:, None] * size
    away = np.linalg.norm(images - microphone, axis=2).ravel()
    bounces = (np.abs(_CELLS[:, None] - _FLIPS[None]) + np.abs(_CELLS[:, None])).sum(axis=2).ravel()
    at = np.round((away - away.min()) / 343.0 * SAMPLE_RATE_HZ).astype(int)
    inside = at < round(seconds * SAMPLE_RATE_HZ)
    strength = kept**bounces / np.maximum(away, 0.1)
    response = np.bincount(at[inside], strength[inside], round(seconds * SAMPLE_RATE_HZ))
    first = response[0]
    # Walls keep less of the treble.
    late = lfilter([1 - higher], [1.0, -higher], np.r_[0.0, response[1:]])
    return np.asarray(np.r_[first, late[1:]] / first, np.float32)


def _recorded(
    sound: Sound,
    random: np.random.Generator,
    world: World,
    *,
    nearest_m: float,
    farthest_m: float,
    quiet_db: tuple[float, float],
) -> Sound:
    """One room, one microphone, noise, one codec."""
    metres = float(np.exp(random.uniform(np.log(nearest_m), np.log(farthest_m))))
    chance, heard = random.random(), sound
    if chance < 0.7:
        heard = fftconvolve(sound, room(random, metres=metres))[: len(sound)]
    elif chance < 0.85:
        measured = world.responses[int(random.integers(len(world.responses)))].copy()
        measured[np.argmax(np.abs(measured)) + 40 :] *= min(1.0, metres)
        heard = fftconvolve(sound, measured)[: len(sound)]
    heard = heard / max(float(np.sqrt(np.mean(heard**2))), 1e-9)
    heard = heard + noise(len(sound), random, world) * 10 ** (-random.uniform(*quiet_db) / 20)
    heard = microphone(heard, random)
    level = 10 ** (random.uniform(-36.0, -14.0) / 20) / max(float(np.sqrt(np.mean(heard**2))), 1e-9)
    return coded(np.clip(level * heard, -1, 1).astype(np.float32), random)


def microphone(sound: NDArray[np.floating], random: np.random.Generator) -> NDArray[np.floating]:
    """Low end from none to a browser's 100 Hz, a shelf, a gentle peak, and now and then a dull top."""
    kind = random.random()
    if kind < 0.6:
        low = random.uniform(30.0, 80.0) if kind < 0.3 else random.uniform(80.0, 110.0)
        order = int(random.integers(1, 3)) if kind < 0.45 else 4
        sound = sosfilt(butter(order, low, "high", fs=SAMPLE_RATE_HZ, output="sos"), sound)
    turn = np.exp(-2 * np.pi * random.uniform(300.0, 2000.0) / SAMPLE_RATE_HZ)
    low_part = lfilter([1 - turn], [1.0, -turn], sound)
    sound = sound + (10 ** (random.uniform(-4.0, 4.0) / 20) - 1) * low_part
    sound = _peak(sound, random.uniform(1500.0, 6000.0), random.uniform(-4.0, 6.0), random.uniform(0.7, 2.0))
    if random.random() < 0.2:
        sound = sosfilt(butter(2, random.uniform(5000.0, 7500.0), "low", fs=SAMPLE_RATE_HZ, output="sos"), sound)
    return sound


def noise(count: int, random: np.random.Generator, world: World) -> NDArray[np.floating]:
    """Of one of three kinds, or two together; root mean square 1."""
    parts = []
    for _ in range(int(random.integers(1, 3))):
        kind = random.integers(3)
        if kind == 0:
            found = world.noises[int(random.integers(len(world.noises)))]
            part = np.resize(np.roll(found, int(random.integers(len(found)))), count).astype(np.float64)
        else:
            spectrum = np.fft.rfft(random.normal(size=count))
            hertz = np.maximum(np.fft.rfftfreq(count, 1 / SAMPLE_RATE_HZ), 20.0)
            part = np.fft.irfft(spectrum * hertz ** -random.uniform(0.0, 1.2), count)
        parts.append(random.uniform(0.2, 1.0) * part / max(float(np.sqrt(np.mean(part**2))), 1e-9))
    whole = np.sum(parts, axis=0)
    return whole / max(float(np.sqrt(np.mean(whole**2))), 1e-9)


def coded(sound: Sound, random: np.random.Generator) -> Sound:
    """Opus at 24 to 64 kb/s, AAC at 48 to 96, or as it is."""
    kind = random.random()
    if kind < 0.15:
        return sound
    name, form, rate = ("libopus", "webm", 48_000) if kind < 0.8 else ("aac", "mp4", 44_100)
    kbits = random.uniform(24, 64) if name == "libopus" else random.uniform(48, 96)
    held = io.BytesIO()
    with av.open(held, "w", format=form) as container:
        stream = container.add_stream(name, rate=rate)
        stream.layout, stream.bit_rate = "mono", round(1000 * kbits)
        stream.codec_context.thread_count = 1
        resampler = av.AudioResampler(format=stream.format.name, layout="mono", rate=rate)
        spoken = av.AudioFrame.from_ndarray(np.round(32767 * sound).astype(np.int16)[None], format="s16", layout="mono")
        spoken.sample_rate, spoken.time_base, spoken.pts = SAMPLE_RATE_HZ, Fraction(1, SAMPLE_RATE_HZ), 0
        for frame in (*resampler.resample(spoken), *resampler.resample(None)):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    audio = decode(Capture(data=held.getvalue()), limits=Limits(wall_s=300.0)).audio
    assert audio is not None  # noqa: S101 - we wrote it
    return audio.samples


def _peak(sound: NDArray[np.floating], hertz: float, gain_db: float, quality: float) -> NDArray[np.floating]:
    """A peaking equaliser (Bristow-Johnson)."""
    turn, size = 2 * np.pi * min(hertz, 7800.0) / SAMPLE_RATE_HZ, 10 ** (gain_db / 40)
    width = np.sin(turn) / (2 * quality)
    above = [1 + width * size, -2 * np.cos(turn), 1 - width * size]
    below = [1 + width / size, -2 * np.cos(turn), 1 - width / size]
    return lfilter(np.array(above) / below[0], np.array(below) / below[0], sound)
