"""Whose films and photos `fit_screen.py` looks at."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from fit_artefacts import person_of
from screen_trials import COUNT, Source

from countersign.core.samples import Capture, Frame, VideoClip
from countersign.evaluation.people import Side, side_of
from countersign.face.path import FacePath
from countersign.face.track import FaceTrack
from countersign.media.decode import decode
from countersign.media.limits import Limits
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore

ROOT = Path(__file__).parent.parent
SAMPLES = Path(os.environ.get("COUNTERSIGN_SAMPLES", ROOT / ".." / "shared" / "data"))
FILMS = ("grid/s1", "grid/s31", "grid/rizkiarm", "lipreadingorg", "head_turns/live", "talkinghead_src")
FILMS_EACH, PHOTOS = 3, {"lfw": 16, "faces94": 6, "cfp": 14, "nuaa": 8}
LARGEST = 640


def film_person(file: Path) -> str:
    """Who is seen."""
    return "nicole" if "lipreadingorg" in file.parts else person_of(file)


def films(side: Side) -> Iterator[tuple[str, str, Path]]:
    """Data set, person and file of the films that are used."""
    for folder in FILMS:
        count = defaultdict[str, int](int)
        for file in sorted((SAMPLES / "av" / folder).rglob("*.*")):
            person = film_person(file)
            if file.suffix in {".mp4", ".mpg", ".gif"} and side_of(person) is side and count[person] < FILMS_EACH:
                count[person] += 1
                yield folder.partition("/")[0], person, file


def photos(side: Side) -> Iterator[tuple[str, str, Path]]:
    """Data set, person and file of the photos that are used, people in turn."""
    roots = {"lfw": "lfw", "faces94": "faces94", "cfp": "cfp", "nuaa": "nuaa/db/ClientRaw"}
    for data, most in PHOTOS.items():
        people = defaultdict[str, list[Path]](list)
        root = SAMPLES / "faces" / roots[data]
        for file in sorted(root.rglob("*.jp*g")):
            person = file.parent.parent.name if data == "cfp" else file.parent.name
            if side_of(person) is side and file.parent.name != "profile":
                people[person].append(file)
        each = -(-most // len(people))
        chosen = [(data, person, file) for person, files in people.items() for file in files[:: len(files) // each]]
        yield from chosen[:most]


def sources(side: Side) -> Iterator[Source]:
    """Everything that is shown."""
    path = FacePath.load(Runtime(ModelStore.default()), pack=Pack.PLUS)
    for data, person, file in films(side):
        capture = Capture(data=file.read_bytes())
        video = decode(capture, limits=Limits(seconds=60.0, wall_s=60.0), max_side=LARGEST).video
        track = path.track(video) if video is not None else None
        if video is None or not isinstance(track, FaceTrack):
            continue
        frames = video.frames[: 3 * COUNT : 2] if len(video.frames) >= 2 * COUNT else video.frames
        if len(frames) < COUNT:
            continue
        places = np.array([each.face.centre for each in track.sightings])
        centres = tuple(
            (
                float(np.interp(frame.time_s, track.times_s, places[:, 0])),
                float(np.interp(frame.time_s, track.times_s, places[:, 1])),
            )
            for frame in frames[:COUNT]
        )
        pictures = tuple(frame.image for frame in frames[:COUNT])
        large = float(np.median([each.face.side for each in track.sightings]))
        yield Source(data=data, person=person, name=file.name, pictures=pictures, centres=centres, side=large)
    for data, person, file in photos(side):
        video = decode(Capture(data=file.read_bytes()), max_side=LARGEST).video
        image = video.frames[0].image  # type: ignore[union-attr]
        faces = path.detector.detect(image, smallest=40, largest=min(image.shape[:2]))
        if faces:
            face = max(faces, key=lambda each: each.score * each.width)
            yield Source(
                data=data, person=person, name=file.name, pictures=(image,), centres=(face.centre,), side=face.side
            )


def recordings(side: Side) -> Iterator[tuple[str, str, str, str, VideoClip]]:
    """Data set, person, label, name and pictures of every real recording; NUAA's frames, 12 in a row."""
    for folder, label in (*((each, "live") for each in (*FILMS, "asd_demo")), ("head_turns/replay", "replay")):
        for file in sorted((SAMPLES / "av" / folder).rglob("*.*")):
            person = film_person(file)
            if file.suffix in {".mp4", ".mpg", ".gif"} and side_of(person) is side:
                video = decode(Capture(data=file.read_bytes()), limits=Limits(seconds=60.0, wall_s=60.0)).video
                if video is not None:
                    yield folder.partition("/")[0], person, label, file.name, video
    for folder, label in (("ClientRaw", "live"), ("ImposterRaw", "print")):
        for home in sorted((SAMPLES / "faces" / "nuaa" / "db" / folder).iterdir()):
            files = sorted(home.iterdir(), key=lambda file: (file.stem.rpartition("_")[0], len(file.stem), file.stem))
            if side_of(home.name) is side:
                for start in range(0, len(files) - COUNT + 1, COUNT):
                    chosen = files[start : start + COUNT]
                    images = [decode(Capture(data=file.read_bytes())).video.frames[0].image for file in chosen]  # type: ignore[union-attr]
                    frames = tuple(Frame(time_s=0.2 * k, image=image) for k, image in enumerate(images))
                    times_s = 0.2 * np.arange(COUNT)
                    clip = VideoClip(kind="moving", frames=frames, timestamps_s=times_s, duration_s=0.2 * COUNT)
                    yield "nuaa", home.name, label, chosen[0].name, clip
