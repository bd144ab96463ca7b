"""The attack suite: every species made from every clip, with a manifest that says how."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from countersign.core.arrays import Float32Array
from countersign.core.samples import Frame, VideoClip
from countersign.evaluation.attacks.clip import FPS, Clip
from countersign.evaluation.attacks.species import USUAL_TURN, Material, Species, make
from countersign.face.landmarks import Landmarks
from countersign.face.path import FacePath
from countersign.face.track import FaceTrack
from countersign.liveness.challenge import TurnPath

MANIFEST = "manifest.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """How attacks are made.

    Attributes:
        species: which.
        seed: of everything that is drawn.
        speak: says something in a made voice; None without a synthesiser.
        path: finds faces, for the species that need them; None leaves these out.
        response: of a room; None for made ones.
        turn: how pictures and tablets are turned.
    """

    species: tuple[Species, ...] = tuple(Species)
    seed: int = 0
    speak: Callable[[], Float32Array] | None = None
    path: FacePath | None = None
    response: Float32Array | None = None
    turn: TurnPath = USUAL_TURN

    def write(
        self, clips: Sequence[Path], out: Path, *, sounds_of: Sequence[Path] = ()
    ) -> Iterator[tuple[Path, Species, Path | None]]:
        """Make all attacks on `clips` into `out`, with `MANIFEST`: one line of JSON an attack.

        Args:
            clips: what attacks are made from.
            out: folder, made when missing.
            sounds_of: further recordings whose sounds may be dubbed or spliced in.

        Yields:
            Clip, species and the attack's file; None where the clip does not have what the species needs.

        Raises:
            MediaError: a clip cannot be read.
        """
        out.mkdir(parents=True, exist_ok=True)
        sounds = {path: Clip.read(path).sound for path in dict.fromkeys([*clips, *sounds_of])}
        clone = None if self.speak is None else self.speak()
        with (out / MANIFEST).open("w", encoding="utf-8") as manifest:
            for path in clips:
                clip = Clip.read(path)
                others = tuple(sound for other, sound in sounds.items() if other != path and len(sound))
                material = Material(
                    clip=clip,
                    others=others,
                    clone=clone,
                    surfaces=self._surfaces(clip),
                    response=self.response,
                    turn=self.turn,
                )
                for species in self.species:
                    made = make(species, material, seed=self.seed)
                    if made is None:
                        yield path, species, None
                        continue
                    target = out / f"{path.stem}-{_short(path)}-{species}.webm"
                    made.clip.write(target)
                    entry = {
                        "file": target.name,
                        "species": species.value,
                        "source": path.name,
                        "parameters": dict(made.parameters),
                        "seed": self.seed,
                    }
                    manifest.write(json.dumps(entry, sort_keys=True) + "\n")
                    yield path, species, target

    def _surfaces(self, clip: Clip) -> tuple[Landmarks | None, ...]:
        """Of each picture; empty without a face."""
        if self.path is None or Species.STILL_FACE not in self.species:
            return ()
        times = np.arange(len(clip.pictures)) / FPS
        frames = tuple(
            Frame(time_s=float(time), image=picture) for time, picture in zip(times, clip.pictures, strict=True)
        )
        video = VideoClip(kind="moving", frames=frames, timestamps_s=times, duration_s=clip.seconds)
        track = self.path.track(video, dense=True)
        if not isinstance(track, FaceTrack):
            return ()
        seen = {sighting.frame.time_s: sighting.surface for sighting in track.sightings}
        return tuple(seen.get(frame.time_s) for frame in frames)


def _short(path: Path) -> str:
    """Tells files of one name in several folders apart."""
    return hashlib.sha256(str(path).encode()).hexdigest()[:6]
