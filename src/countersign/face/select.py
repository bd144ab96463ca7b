"""The best frames of a track: sharp ones, and from every pose that the head took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from countersign.core.acquisition import FailureToAcquire
from countersign.core.quality import FaceQuality
from countersign.face.quality import measure, refusal
from countersign.face.track import FaceTrack, Sighting

YAW_STEP_DEG = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A sighting good enough to be embedded."""

    sighting: Sighting
    quality: FaceQuality


def choose(track: FaceTrack, *, at_most: int) -> tuple[Chosen, ...] | FailureToAcquire:
    """Up to `at_most` sightings in order of time, or why none is good enough.

    Poses take turns, each giving its sharpest picture first, those nearest to the front before the others; so a person
    who faces the camera throughout gives the sharpest pictures, and one who turns gives some of every pose. Only where a
    detector found the face: a dense track gives what a sparse one does.
    """
    usable: list[Chosen] = []
    refusals: list[FailureToAcquire] = []
    for sighting in (seen for seen in track.sightings if seen.detected):
        quality = measure(sighting.frame.image, sighting.face)
        refused = refusal(quality)
        if refused is None:
            usable.append(Chosen(sighting=sighting, quality=quality))
        else:
            refusals.append(refused)
    if not usable:
        reasons = [refused.reason for refused in refusals]
        return max(refusals, key=lambda refused: reasons.count(refused.reason))
    picked = _in_turn(usable)[:at_most]
    return tuple(sorted(picked, key=lambda chosen: chosen.sighting.frame.time_s))


def _in_turn(usable: Sequence[Chosen]) -> list[Chosen]:
    by_pose: dict[int, list[Chosen]] = {}
    for chosen in usable:
        by_pose.setdefault(round(chosen.sighting.pose.yaw / YAW_STEP_DEG), []).append(chosen)
    for same in by_pose.values():
        same.sort(key=lambda chosen: chosen.quality.sharpness, reverse=True)
    ranked = [(turn, abs(pose), pose, chosen) for pose, same in by_pose.items() for turn, chosen in enumerate(same)]
    ranked.sort(key=lambda entry: entry[:3])
    return [chosen for *_, chosen in ranked]
