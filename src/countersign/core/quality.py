"""Quality of samples, each figure with its unit (ISO/IEC 29794-1: quality is what predicts comparison)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadPose:
    """Rotation of the head against the camera, degrees.

    Attributes:
        yaw: positive when the person turns to their own left (ISO/IEC 39794-5), in [-180, 180].
        pitch: positive when the person looks up.
        roll: positive when the head tilts towards the person's own right shoulder (clockwise to the person).
    """

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceQuality:
    """One face in one picture.

    Attributes:
        inter_eye_px: distance between the eye centres, pixels; in profile the distance corrected for yaw.
        sharpness: variance of the Laplacian over the face scaled to a fixed size, grey levels squared.
        brightness: mean luma over the face, in [0, 1].
        contrast: standard deviation of luma over the face, in [0, 1].
        detector_score: the detector's own confidence, in [0, 1].
    """

    inter_eye_px: float
    sharpness: float
    brightness: float
    contrast: float
    detector_score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechQuality:
    """The speech in one recording.

    Attributes:
        speech_s: seconds judged speech.
        snr_db: speech level over the level between speech segments, decibels; None when there is no pause to measure in.
        level_dbfs: root mean square of the speech, decibels relative to full scale.
        clipped: fraction of samples at full scale, in [0, 1].
        bandwidth_hz: frequency below which 99 % of the speech's power lies once its fall of some 6 dB an octave is
            made up for; less than 4,000 for telephone sound, mostly 5,000 to 7,500 for wideband.
    """

    speech_s: float
    snr_db: float | None
    level_dbfs: float
    clipped: float
    bandwidth_hz: float
