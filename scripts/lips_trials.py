"""Clips of talking people for the lips check: looked at once, then put together into trials.

A trial is one film and one sound: together as they were recorded, at another time, or foreign to each other. Sentences of
GRID last under two seconds, less than the words of a challenge; two or three of one person are also shown in a row.
"""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soxr
from phrase_trials import GRID_PEOPLE

from countersign.core.samples import AudioClip, Capture, Recording, VideoClip
from countersign.evaluation.people import Side, side_of
from countersign.face.path import FacePath
from countersign.face.track import FaceTrack
from countersign.liveness.acoustics.model import AcousticModel
from countersign.liveness.head_path import spoken
from countersign.liveness.lips.agreement import Pictures
from countersign.liveness.lips.crops import appearance
from countersign.liveness.lips.mouth import Mouth
from countersign.liveness.lips.sound import Sound, sound_of
from countersign.media.decode import LOGIN_FPS, decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.voice.path import VoicePath

SAMPLES = Path(os.environ.get("COUNTERSIGN_SAMPLES", Path(__file__).parent.parent / ".." / "shared" / "data"))
BROKEN = ("lrwp9a",)
"""Its sound comes 200 ms late in the collection's own file."""
SILENT = ("tranvanluyt_real", "lestari15_real", "liveportrait_d18", "liveportrait_d19", "liveportrait_s18")
"""Live faces that look about, turn and pull faces, and say nothing."""
NOISES = {"hiss 25": (0.0, 25.0), "hiss 20": (0.0, 20.0), "hiss 10": (0.0, 10.0), "rumble 10": (0.5, 10.0)}
"""By which power of its frequency a noise falls off, and decibels that it is below the speech."""
ACROSS_S = 2.9
"""Of each clip that is shown in a row."""
NEAR_S = (-0.08, -0.04, 0.0, 0.04, 0.08)
SHIFTS_S = (-1.0, -0.6, -0.4, -0.3, -0.24, -0.2, 0.2, 0.24, 0.3, 0.4, 0.6, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One clip, measured.

    Attributes:
        start_s, end_s: of the words.
        noisy: the same sound under `NOISES`, of develop clips.
    """

    person: str
    name: str
    mouth: Mouth
    looks: Pictures
    sound: Sound | None
    start_s: float
    end_s: float
    fps: float
    noisy: Mapping[str, Sound] = field(default_factory=dict)

    def under(self, noise: str) -> Clip:
        """The same film with its sound in noise."""
        return replace(self, sound=self.noisy[noise])


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A film, and a sound that comes `delay_s` later than in its own film."""

    kind: str
    film: Clip
    heard: Clip
    delay_s: float = 0.0


def person_of(file: Path) -> str:
    """GRID's people; single clips stand for a person each."""
    if file.stem.startswith("GRID_4"):
        return "s1"  # PROVENANCE.md: the same man
    if file.parent.name == "rizkiarm":
        return GRID_PEOPLE.get(file.stem, file.stem)
    return file.parent.name if "grid" in file.parts else file.stem.split(".")[-1]


def watch(side: Side, patterns: Sequence[str], target: Path, condition: str = "clean") -> None:
    """Look at all clips of one side's people, slow; measures only are kept.

    Args:
        side: whose.
        patterns: of files below the folder av of the samples.
        target: where to keep what was measured.
        condition: "clean"; "noise", 10 dB below the speech; "recoded", as VP8 at 200 and Opus at 24 kb/s.
    """
    runtime = Runtime(ModelStore.default())
    faces, voices, acoustic = (
        FacePath.load(runtime, pack=Pack.PLUS),
        VoicePath.load(runtime),
        AcousticModel.english(),
    )
    clips = list[Clip]()
    for pattern in patterns:
        for file in sorted((SAMPLES / "av").glob(pattern)):
            if side_of(person_of(file)) is not side or file.stem in BROKEN or file.suffix == ".md":
                continue
            recording = under(condition, decode(Capture(data=file.read_bytes()), keep_fps=LOGIN_FPS, threads=1))
            track = faces.track(recording.video, dense=True) if recording.video is not None else None
            if not isinstance(track, FaceTrack):
                print(file.name, track)
                continue
            words, sound, noisy = None, None, dict[str, Sound]()
            if recording.audio is not None and file.stem not in SILENT:
                words = spoken(voices.find_speech(recording.audio))
            start, end = (words.start_s, words.end_s) if words else (0.0, float(track.times_s[-1]))
            if words and recording.audio is not None:
                sound = sound_of(acoustic, recording.audio, from_s=start, to_s=end)
                for name, (slope, below_db) in NOISES.items() if side is Side.DEVELOP else ():
                    audio = in_noise(recording.audio, slope, below_db, seed=len(clips))
                    noisy[name] = sound_of(acoustic, audio, from_s=start, to_s=end)
            clips.append(
                Clip(
                    person=person_of(file),
                    name=f"{file.parent.name}/{file.name}",
                    mouth=Mouth.of(track),
                    looks=appearance(runtime.model("light-asd"), track, from_s=start, to_s=end),
                    sound=sound,
                    start_s=start,
                    end_s=end,
                    fps=len(track.times_s) / max(float(track.times_s[-1]), 1e-9),
                    noisy=noisy,
                )
            )
            print(clips[-1].name, len(track.times_s), round(end - start, 2), flush=True)
    target.write_bytes(pickle.dumps(clips))


def under(condition: str, recording: Recording) -> Recording:
    """The recording under one of the conditions of `watch`."""
    audio, video = recording.audio, recording.video
    if condition == "clean" or audio is None or video is None:
        return recording
    if condition == "noise":
        return replace(recording, audio=in_noise(audio, 0.0, 10.0, seed=0))
    return decode(Capture(data=_webm(video, audio)), keep_fps=LOGIN_FPS, threads=1)


def in_noise(audio: AudioClip, slope: float, below_db: float, *, seed: int) -> AudioClip:
    """The sound with noise, white (slope 0) or pink (0.5), so far below the speech."""
    loud = np.sort(np.square(audio.samples[: len(audio.samples) // 160 * 160]).reshape(-1, 160).mean(axis=1))
    level = np.sqrt(loud[len(loud) // 2 :].mean() / 10 ** (below_db / 10))
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(0.0, 1.0, len(audio.samples)))
    noise = np.fft.irfft(spectrum / np.maximum(np.arange(len(spectrum)), 1) ** slope, len(audio.samples))
    return replace(audio, samples=(audio.samples + level * noise / noise.std()).astype(np.float32))


def _webm(video: VideoClip, audio: AudioClip) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as container:
        seen = container.add_stream("libvpx", rate=25, options={"deadline": "realtime", "threads": "1"})
        seen.width, seen.height = video.frames[0].width // 2 * 2, video.frames[0].height // 2 * 2
        seen.bit_rate, seen.pix_fmt, seen.time_base = 200_000, "yuv420p", Fraction(1, 1000)
        heard = container.add_stream("libopus", rate=48_000, bit_rate=24_000, layout="mono")
        for each in video.frames:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(each.image[: seen.height, : seen.width]), "rgb24")
            frame.pts, frame.time_base = round(1000 * each.time_s), Fraction(1, 1000)
            container.mux(seen.encode(frame))
        container.mux(seen.encode(None))
        sound = soxr.resample(audio.samples, 16_000, 48_000).astype(np.float32)
        for start in range(0, len(sound) - 959, 960):
            block = av.AudioFrame.from_ndarray(sound[None, start : start + 960], "flt", "mono")
            block.sample_rate, block.pts = 48_000, start + round(48_000 * audio.start_s)
            container.mux(heard.encode(block))
        container.mux(heard.encode(None))
    return file.getvalue()


def in_a_row(clips: Sequence[Clip]) -> Clip:
    """Several clips of one person, one after another."""
    parts = [_within(clip, ACROSS_S * place) for place, clip in enumerate(clips)]
    sounds = [part.sound for part in parts if part.sound is not None]
    return Clip(
        person=clips[0].person,
        name=" ".join(clip.name for clip in clips),
        mouth=Mouth(
            times_s=np.concatenate([part.mouth.times_s for part in parts]),
            shape=np.concatenate([part.mouth.shape for part in parts]),
            poses_deg=np.concatenate([part.mouth.poses_deg for part in parts]),
        ),
        looks=Pictures(
            times_s=np.concatenate([part.looks.times_s for part in parts]),
            measures=np.concatenate([part.looks.measures for part in parts]),
        ),
        sound=Sound(
            times_s=np.concatenate([sound.times_s for sound in sounds]),
            measures=np.concatenate([sound.measures for sound in sounds]),
            noisy=any(sound.noisy for sound in sounds),
        ),
        start_s=parts[0].start_s,
        end_s=parts[-1].end_s,
        fps=clips[0].fps,
    )


def _within(clip: Clip, offset_s: float) -> Clip:
    """The first `ACROSS_S` of a clip, later by `offset_s`."""
    sound = clip.sound
    if sound is None:
        raise ValueError(f"{clip.name} has no sound")
    seen, looked = clip.mouth.times_s < ACROSS_S, clip.looks.times_s < ACROSS_S
    heard = (sound.times_s >= 0) & (sound.times_s < ACROSS_S)
    return replace(
        clip,
        mouth=Mouth(
            times_s=clip.mouth.times_s[seen] + offset_s,
            shape=clip.mouth.shape[seen],
            poses_deg=clip.mouth.poses_deg[seen],
        ),
        looks=Pictures(times_s=clip.looks.times_s[looked] + offset_s, measures=clip.looks.measures[looked]),
        sound=replace(sound, times_s=sound.times_s[heard] + offset_s, measures=sound.measures[heard]),
        start_s=clip.start_s + offset_s,
        end_s=min(clip.end_s, ACROSS_S) + offset_s,
    )


def rows(clips: Sequence[Clip], count: int) -> list[Clip]:
    """As many clips in a row as asked, of people who have that many; each clip begins one row."""
    made, rng = list[Clip](), np.random.default_rng(count)
    for clip in clips:
        others = [other for other in clips if other.person == clip.person and other is not clip]
        if len(others) >= count - 1 and clip.sound is not None:
            chosen = rng.choice(len(others), count - 1, replace=False) if count > 1 else []
            made.append(in_a_row([clip, *(others[int(k)] for k in chosen)]) if count > 1 else clip)
    return made


def trials(clips: Sequence[Clip], sounds: Sequence[Clip] = (), *, foreign: int = 4) -> Iterator[Trial]:
    """Every film with its own sound, in time and out of time, and with `foreign` of the other `sounds`, or of the clips'.

    These come as they are, and once more with the beginnings of the words brought together.
    """
    rng = np.random.default_rng(1)
    for clip in clips:
        for delay in NEAR_S:
            yield Trial(kind="own", film=clip, heard=clip, delay_s=delay)
        for delay in SHIFTS_S:
            yield Trial(kind="shifted", film=clip, heard=clip, delay_s=delay)
        others = [other for other in sounds or clips if set(other.name.split()).isdisjoint(clip.name.split())]
        for place in rng.choice(len(others), min(foreign, len(others)), replace=False):
            other = others[int(place)]
            yield Trial(kind="foreign", film=clip, heard=other)
            yield Trial(kind="foreign, aligned", film=clip, heard=other, delay_s=clip.start_s - other.start_s)
        yield Trial(kind="still face", film=still(clip), heard=clip)


def still(clip: Clip) -> Clip:
    """The same face before it speaks, to and fro."""
    rest = np.flatnonzero(clip.mouth.times_s < max(clip.start_s - 0.1, clip.mouth.times_s[0] + 0.2))
    there_and_back = np.concatenate([rest, rest[::-1]])
    places = np.resize(there_and_back, len(clip.mouth.times_s))
    looked = np.resize(np.arange(min(len(rest), len(clip.looks.times_s))), len(clip.looks.times_s))
    return replace(
        clip,
        mouth=replace(clip.mouth, shape=clip.mouth.shape[places], poses_deg=clip.mouth.poses_deg[places]),
        looks=Pictures(times_s=clip.looks.times_s, measures=clip.looks.measures[looked]),
    )


def silent(clips: Sequence[Clip]) -> Iterator[tuple[Clip, float, float]]:
    """Stretches of films of people who say nothing, as long as the words of a challenge: film, beginning and end."""
    for clip in clips:
        if clip.sound is None:
            for length in (1.5, 3.0):
                for start in np.arange(0.0, clip.end_s - length, length / 2):
                    yield clip, float(start), float(start) + length


def thinner(clip: Clip, every: Sequence[float]) -> Clip:
    """The same film with fewer pictures: the ones nearest after each time."""
    kept = np.unique(np.clip(np.searchsorted(clip.mouth.times_s, every), 0, len(clip.mouth.times_s) - 1))
    shown = np.abs(clip.mouth.times_s[kept][None] - clip.looks.times_s[:, None]).argmin(axis=1)
    near = np.abs(clip.looks.times_s[None] - clip.mouth.times_s[kept][:, None]).argmin(axis=1)
    return replace(
        clip,
        mouth=Mouth(
            times_s=clip.mouth.times_s[kept], shape=clip.mouth.shape[kept], poses_deg=clip.mouth.poses_deg[kept]
        ),
        looks=Pictures(times_s=clip.looks.times_s, measures=clip.looks.measures[near[shown]]),
    )
