"""One head that is turned again and again, after different words: logins of one person that must not be taken for each other."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np

from countersign.core.acquisition import FailureToAcquire
from countersign.core.samples import Frame, VideoClip
from countersign.evaluation.attacks.clip import Clip
from countersign.evaluation.attacks.head_motion import Manner
from countersign.evaluation.attacks.rendered_head import render_turn, surface_of
from countersign.face.path import FacePath
from countersign.face.track import FaceTrack
from countersign.liveness.challenge import Side, TurnOrder, TurnPath
from countersign.liveness.replay.check import picture_difference
from countersign.liveness.replay.keyed import TokenKey
from countersign.liveness.replay.pictures import FaceWaves
from countersign.liveness.replay.prints import KeptPrint, fingerprint_of
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore

FPS = 12.5
PATH = TurnPath(first=Side.LEFT, extent_deg=25, order=TurnOrder.AFTER_WORDS)


def differences(clip: Path, talks: list[FaceWaves], key: TokenKey) -> list[float]:
    """Picture differences of every two of the logins: each talk followed by a turn rendered from one picture of `clip`."""
    path = FacePath.load(Runtime(ModelStore.default()), pack=Pack.CORE)
    photo, random = Clip.read(clip).pictures[0], np.random.default_rng(1)
    surface = surface_of(path, photo)
    if isinstance(surface, FailureToAcquire):
        return []
    prints = []
    for talk in talks:
        turned = render_turn(photo, surface, PATH, fps=FPS, manner=Manner.drawn(random))
        noisy = [np.clip(each + random.normal(0, 2, each.shape), 0, 255).astype(np.uint8) for each in turned]
        times = np.arange(len(noisy)) / FPS
        frames = tuple(Frame(time_s=float(time), image=image) for time, image in zip(times, noisy, strict=True))
        video = VideoClip(kind="moving", frames=frames, timestamps_s=times, duration_s=len(frames) / FPS)
        track = path.track(video, dense=True)
        if isinstance(track, FaceTrack):
            turn = FaceWaves.of(track)
            later = turn.times_s - turn.times_s[0] + talk.times_s[-1] + 1 / FPS
            login = FaceWaves(
                waves=np.concatenate([talk.waves, turn.waves]), times_s=np.concatenate([talk.times_s, later])
            )
            prints.append(fingerprint_of(np.zeros(0, np.float32), login, key))
    return [picture_difference(one, KeptPrint.of(other.kept.data)) for one, other in permutations(prints, 2)]
