"""Is this sample what was asked for? Judged as soon as it arrives, so that the person hears at once what to change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

from countersign.core.acquisition import FailureToAcquire
from countersign.core.biometrics import FaceSample, VoiceSample
from countersign.core.evidence import LLR
from countersign.core.samples import Recording
from countersign.server.ceremonies.enrolment.advice import Advice, Hint
from countersign.server.ceremonies.enrolment.examiner import Examiner, HeardPrompt
from countersign.server.ceremonies.enrolment.slots import PictureSlot

Advised: TypeAlias = tuple[Advice, ...]
"""Not taken, and why: at least one."""

LEAST_INTER_EYE_PX = 30.0
"""Three times what a login needs: a reference is compared for years."""
LEAST_SPEECH_S = 1.5
FACE_FLOOR = 0.0
"""Nats. Less than a login asks: one picture here may be turned away from all the others so far."""
VOICE_FLOOR = -math.log(10)
"""Less than a login asks: all that there is to compare with may be one sample of the same minute."""
PHRASE_FLOOR = -math.log(10)
"""Lenient: who reads at enrolment has no reason to say something else, and an accent must not keep anybody out."""


def judge_picture(
    examiner: Examiner, recording: Recording, slot: PictureSlot, earlier: Sequence[FaceSample]
) -> FaceSample | Advised:
    """The sample to keep of a picture or a short film.

    Args:
        examiner: looks at it.
        recording: with a picture.
        slot: what was asked for.
        earlier: what was taken of the same person.
    """
    found = examiner.faces(recording)
    if isinstance(found, FailureToAcquire):
        return (found.reason,)
    # Of a film, the sharpest look that is turned as asked; advice is about the one that comes nearest to it.
    turned = [sample for sample in found if slot.takes(sample.pose.yaw)]
    if not turned:
        return (_turn(min((sample.pose.yaw for sample in found), key=lambda yaw: _missed_by(slot, yaw)), slot),)
    sample = max(turned, key=lambda sample: sample.quality.sharpness)
    if sample.quality.inter_eye_px < LEAST_INTER_EYE_PX:
        return (Hint.COME_CLOSER,)
    if earlier and not examiner.same_face(sample, earlier) >= FACE_FLOOR:
        return (Hint.OTHER_PERSON,)
    return sample


def judge_prompt(
    examiner: Examiner,
    recording: Recording,
    words: Sequence[str],
    earlier: Sequence[VoiceSample],
    *,
    language: str,
) -> HeardPrompt | Advised:
    """The sample to keep of a voice. As `judge_picture`."""
    heard = examiner.prompt(recording, words, language)
    if isinstance(heard, FailureToAcquire):
        return (heard.reason,)
    if heard.sample.quality.speech_s < LEAST_SPEECH_S:
        return (Hint.LONGER_SPEECH,)
    if not isinstance(heard.phrase, LLR) or not heard.phrase.value >= PHRASE_FLOOR:
        return (Hint.OTHER_WORDS,)
    if earlier and not examiner.same_voice(heard.sample, earlier) >= VOICE_FLOOR:
        return (Hint.OTHER_VOICE,)
    return heard


def _missed_by(slot: PictureSlot, yaw_deg: float) -> float:
    return max(slot.low_deg - yaw_deg, yaw_deg - slot.high_deg, 0.0)


def _turn(yaw_deg: float, slot: PictureSlot) -> Hint:
    if slot.low_deg < 0.0 < slot.high_deg:
        return Hint.LOOK_STRAIGHT
    too_far = abs(yaw_deg) > max(abs(slot.low_deg), abs(slot.high_deg)) and yaw_deg * slot.low_deg > 0
    if too_far:
        return Hint.TURN_BACK
    return Hint.TURN_LEFT if slot.low_deg > 0 else Hint.TURN_RIGHT
