"""The asked path is followed, or it is not; and a small turn is asked for again rather than held against anybody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.arrays import Float64Array
from countersign.core.biometrics import Embedding, FaceReference, FaceSample, Modality, ModelRef
from countersign.core.evidence import Assessment
from countersign.core.quality import FaceQuality, HeadPose
from countersign.core.samples import Capture
from countersign.evaluation.attacks.head_motion import Manner, turning
from countersign.face.path import FacePath
from countersign.face.track import FaceTrack
from countersign.liveness.challenge import Side, TurnOrder, TurnPath
from countersign.liveness.head_path import HeadPath, Span
from countersign.liveness.turn import Reach, Turn, TurnCheck, measure, refusal
from countersign.media.decode import LOGIN_FPS, decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime

FPS = 25.0
ASKED = TurnPath(first=Side.LEFT, extent_deg=25, order=TurnOrder.AFTER_WORDS)
READING = Span(start_s=0.0, end_s=2.5)


def login(done: TurnPath, *, manner: Manner | None = None, camera_deg: float = 0.0) -> HeadPath:
    """Two and a half seconds of reading, and the turn before or after."""
    turned = np.array([(pose.yaw, pose.pitch, pose.roll) for pose in turning(done, fps=FPS, manner=manner)])
    reading = np.zeros((round(2.5 * FPS), 3))
    parts = [reading, turned] if done.order is TurnOrder.AFTER_WORDS else [turned, reading]
    return path(np.concatenate(parts) + np.array([camera_deg, 0.0, 0.0]))


def path(poses: Float64Array) -> HeadPath:
    return HeadPath.measured(np.arange(len(poses)) / FPS, poses, np.ones(len(poses)))


def reading_of(done: TurnPath, found: HeadPath) -> Span:
    end = float(found.times_s[-1])
    return READING if done.order is TurnOrder.AFTER_WORDS else Span(start_s=end - 2.5, end_s=end)


def judged(asked: TurnPath, done: TurnPath, **how: object) -> Turn:
    found = login(done, **how)  # type: ignore[arg-type]
    return measure(found, asked, words=reading_of(asked, found))


def enrolled(*yaws: float) -> FaceReference:
    vector = np.eye(1, 4, dtype=np.float32)[0]
    embedding = Embedding(vector=vector, modality=Modality.FACE, model=ModelRef(name="x", sha256="0" * 64))
    quality = FaceQuality(inter_eye_px=60.0, sharpness=100.0, brightness=0.5, contrast=0.2, detector_score=0.9)
    poses = (HeadPose(yaw=yaw, pitch=0.0, roll=0.0) for yaw in yaws)
    return FaceReference(samples=tuple(FaceSample(embedding=embedding, pose=pose, quality=quality) for pose in poses))


@pytest.mark.parametrize("order", TurnOrder)
@pytest.mark.parametrize("first", Side)
def test_the_asked_path_counts_in_full_whoever_stands_to_one_side_of_the_camera(first: Side, order: TurnOrder) -> None:
    asked = replace(ASKED, first=first, order=order)
    for seed in range(10):
        manner = Manner.drawn(np.random.default_rng(seed))
        turn = judged(asked, asked, manner=manner, camera_deg=12.0)
        assert turn.score > 0.9, (seed, turn)
        assert refusal(turn) is None


def test_the_other_side_first_counts_against() -> None:
    for first, other in ((Side.LEFT, Side.RIGHT), (Side.RIGHT, Side.LEFT)):
        turn = judged(replace(ASKED, first=first), replace(ASKED, first=other))
        assert turn.score < -0.4
        assert refusal(turn) is None


def test_a_turn_at_the_wrong_time_is_no_turn() -> None:
    before, after = (replace(ASKED, order=order) for order in (TurnOrder.BEFORE_WORDS, TurnOrder.AFTER_WORDS))
    for asked, done in ((before, after), (after, before)):
        found = login(done)
        assert refusal(measure(found, asked, words=reading_of(done, found))) is not None


def test_whoever_turns_too_little_in_the_right_order_is_asked_again() -> None:
    refused = refusal(judged(ASKED, ASKED, manner=Manner(reach=(1.1, 0.5))))
    assert refused is not None
    assert refused.reason is AcquisitionReason.TURN_TOO_SMALL


def test_a_stiff_neck_is_asked_for_what_it_can_do() -> None:
    found = login(ASKED, manner=Manner(reach=(1.1, 0.65)))
    asked = replace(ASKED, extent_deg=35)
    assert refusal(measure(found, asked, words=READING)) is not None
    stiff = measure(found, asked, words=READING, reach=Reach(left_deg=40.0, right_deg=18.0))
    assert refusal(stiff) is None
    assert stiff.score > 0.75


def test_an_enrolment_that_shows_both_sides_says_how_far_somebody_can_turn() -> None:
    assert Reach.of(enrolled(-50.0, 0.0, 22.0)) == Reach(left_deg=22.0, right_deg=50.0)
    assert Reach.of(enrolled(-50.0, 0.0, 3.0)) is None
    assert Reach(left_deg=22.0, right_deg=50.0).asked(Side.LEFT, 30.0) == pytest.approx(19.8)
    assert Reach(left_deg=15.0, right_deg=50.0).asked(Side.LEFT, 30.0) == 15.0
    assert Reach(left_deg=15.0, right_deg=50.0).asked(Side.RIGHT, 30.0) == 30.0


def test_a_still_head_has_not_turned() -> None:
    sway = np.random.default_rng(1).normal(0.0, 1.0, (150, 3))
    refused = refusal(measure(path(sway), ASKED, words=READING))
    assert refused is not None
    assert refused.reason is AcquisitionReason.TURN_TOO_SMALL


def test_a_jump_from_side_to_side_is_too_fast() -> None:
    yaw = np.repeat([0.0, 30.0, -30.0, 0.0], [80, 12, 12, 30])
    refused = refusal(measure(path(np.column_stack([yaw, 0 * yaw, 0 * yaw])), ASKED, words=READING))
    assert refused is not None
    assert refused.reason is AcquisitionReason.TURN_TOO_FAST


def test_a_head_that_wags_does_not_follow() -> None:
    times = np.arange(150) / FPS
    yaw = 30.0 * np.sin(2 * np.pi * (times - 2.5) / 0.9) * (times > 2.5)
    turn = measure(path(np.column_stack([yaw, 0 * yaw, 0 * yaw])), ASKED, words=READING)
    assert refusal(turn) is not None or turn.score < 0.6


def test_a_real_turn_is_followed_and_not_the_other_way_round(runtime: Runtime, samples: Path) -> None:
    file = samples / "av/head_turns/live/tranvanluyt_real.mp4"
    clip = decode(Capture(data=file.read_bytes()), keep_fps=LOGIN_FPS / 2).video
    assert clip is not None
    track = FacePath.load(runtime, pack=Pack.CORE).track(clip, dense=True)
    assert isinstance(track, FaceTrack)
    check = TurnCheck.load(runtime)
    asked = TurnPath(first=Side.LEFT, extent_deg=20, order=TurnOrder.AFTER_WORDS)
    words = Span(start_s=0.0, end_s=1.6)
    followed = check.check(track, asked, words=words)
    mirrored = check.check(track, replace(asked, first=Side.RIGHT), words=words)
    assert isinstance(followed, Assessment)
    assert followed.llr.value > 2.0
    assert isinstance(mirrored, FailureToAcquire) or mirrored.llr.value < -2.0
