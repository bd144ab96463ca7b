"""The fingerprint of one recording: what is kept of it, and what is asked with."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float32Array
from countersign.core.replay import Fingerprint
from countersign.face.track import FaceTrack
from countersign.liveness.observation import Observation
from countersign.liveness.replay.constellation import constellation
from countersign.liveness.replay.keyed import Domain, TokenKey
from countersign.liveness.replay.pictures import CODES_PER_S, RUN, FaceWaves, PictureCodes, parts, picture_codes

SPEEDS = (1.0, 0.98, 0.99, 1.01, 1.02)
"""Speeds that a recording is searched at, as made first."""
LATE = (0.0, 0.5)
"""Codes that a film is searched with: those of its own, and those in between."""
SOUND_KEPT_OF, PICTURE_KEPT_OF = 4, 2
"""One in so many tokens is kept for finding: those that this number divides, so that both sides keep the same."""
LEAST_SOUND, LEAST_MOTION_S = 60, RUN / CODES_PER_S
"""Sound landmarks, and seconds of a moving face, below which a recording could hardly be told from another."""
_FORMAT = b"1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundPrint:
    """Pairs of peaks, keyed.

    Attributes:
        tokens: `int64[n]`, ascending.
        ticks: `int64[n]`, when each begins, `constellation.TICKS_PER_S` a second.
    """

    tokens: NDArray[np.int64]
    ticks: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPrint:
    """All that is known of one recording.

    Attributes:
        sounds: at each of `SPEEDS`.
        pictures: at each of `LATE`; empty without a face that was followed.
        sound_tokens, picture_tokens: what to search for.
        kept: what a memory keeps.
    """

    sounds: tuple[SoundPrint, ...]
    pictures: tuple[PictureCodes, ...]
    sound_tokens: frozenset[int]
    picture_tokens: frozenset[int]
    kept: Fingerprint

    @property
    def sound_landmarks(self) -> int:
        """How many there are."""
        return len(self.sounds[0].tokens)

    @property
    def motion_s(self) -> float:
        """Seconds in which a face moves."""
        return float(np.count_nonzero(self.pictures[0].moving)) / CODES_PER_S if self.pictures else 0.0

    @property
    def has_sound(self) -> bool:
        """Whether there is enough sound to know it again."""
        return self.sound_landmarks >= LEAST_SOUND

    @property
    def has_pictures(self) -> bool:
        """Whether there is enough movement to know it again."""
        return self.motion_s >= LEAST_MOTION_S


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPrint:
    """What a memory's data hold.

    Attributes:
        sound: as made.
        codes, moving: of the pictures, as in `PictureCodes`.
    """

    sound: SoundPrint
    codes: NDArray[np.uint64]
    moving: NDArray[np.bool_]

    @classmethod
    def of(cls, data: bytes) -> KeptPrint:
        """Read `Fingerprint.data`.

        Raises:
            ValueError: it is none.
        """
        if data[:1] != _FORMAT:
            raise ValueError("the fingerprint is of another format")
        content = zlib.decompress(data[1:])
        landmarks, codes = (int(count) for count in np.frombuffer(content, "<u4", 2))
        at = 8 + 4 * landmarks
        tokens = np.frombuffer(content, "<u4", landmarks, 8).astype(np.int64)
        ticks = np.frombuffer(content, "<u2", landmarks, at).astype(np.int64)
        at += 2 * landmarks
        return cls(
            sound=SoundPrint(tokens=tokens, ticks=ticks),
            codes=np.frombuffer(content, "<u8", codes, at).astype(np.uint64),
            moving=np.frombuffer(content, np.uint8, codes, at + 8 * codes).astype(np.bool_),
        )


def fingerprint(observation: Observation, key: TokenKey) -> RecordingPrint:
    """The fingerprint of a recording that was looked at."""
    audio, track = observation.recording.audio, observation.track
    samples = np.zeros(0, np.float32) if audio is None else audio.samples
    return fingerprint_of(samples, FaceWaves.of(track) if isinstance(track, FaceTrack) else None, key)


def fingerprint_of(samples: Float32Array, face: FaceWaves | None, key: TokenKey) -> RecordingPrint:
    """The fingerprint of a sound and a moving face.

    Args:
        samples: `float32[n]`, 16 kHz; may be empty.
        face: or None where none was followed.
        key: of the memory.
    """
    sounds, wanted, triples = [], [], []
    for speed in SPEEDS:
        found = constellation(samples, speed=speed)
        tokens = key.tokens(Domain.SOUND_PAIR, found.pairs)
        order = np.argsort(tokens, kind="stable")
        sounds.append(SoundPrint(tokens=tokens[order], ticks=found.pair_ticks[order]))
        triples.append(_kept(key.tokens(Domain.SOUND_TRIPLE, found.triples), SOUND_KEPT_OF))
    pictures: tuple[PictureCodes, ...] = ()
    if face is not None:
        pictures = tuple(picture_codes(face, key, late=late) for late in LATE)
        wanted = [_picture_tokens(each, key, both_ways=True) for each in pictures]
    found_by = [triples[0], *(_picture_tokens(each, key, both_ways=False) for each in pictures[:1])]
    return RecordingPrint(
        sounds=tuple(sounds),
        pictures=pictures,
        sound_tokens=_set(triples),
        picture_tokens=_set(wanted),
        kept=Fingerprint(tokens=_set(found_by), data=_data(sounds[0], pictures)),
    )


def _data(sound: SoundPrint, pictures: tuple[PictureCodes, ...]) -> bytes:
    codes = pictures[0].codes if pictures else np.zeros(0, np.uint64)
    moving = pictures[0].moving if pictures else np.zeros(0, np.bool_)
    content = b"".join(
        (
            np.array([len(sound.tokens), len(codes)], "<u4").tobytes(),
            sound.tokens.astype("<u4").tobytes(),
            np.minimum(sound.ticks, 0xFFFF).astype("<u2").tobytes(),
            codes.astype("<u8").tobytes(),
            moving.astype(np.uint8).tobytes(),
        )
    )
    return _FORMAT + zlib.compress(content, 1)


def _picture_tokens(codes: PictureCodes, key: TokenKey, *, both_ways: bool) -> NDArray[np.int64]:
    return _kept(key.tokens(Domain.PICTURE, parts(codes, both_ways=both_ways)), PICTURE_KEPT_OF)


def _kept(tokens: NDArray[np.int64], one_of: int) -> NDArray[np.int64]:
    kept: NDArray[np.int64] = tokens[tokens % one_of == 0]
    return kept


def _set(tokens: list[NDArray[np.int64]]) -> frozenset[int]:
    return frozenset(np.concatenate([np.zeros(0, np.int64), *tokens]).tolist())
