"""Exceptions with stable codes.

A biometric rejection is a value (`countersign.core.decisions`), and so is a failure to acquire
(`countersign.core.acquisition`). An exception means that the request itself could not be served::

    CountersignError
    ├── MediaError          the bytes could not be turned into a recording
    ├── ModelError          a model is missing, altered, or not what the catalogue says
    ├── ComparisonError     two things that must not be compared were compared
    ├── TrialsError         an evaluation's input is wrong
    └── ConfigurationError  a setting is missing or unsafe
"""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class ErrorCode(StrEnum):
    """Codes that callers may rely on. A code is never reused for another meaning, and never removed in a minor release."""

    MEDIA_EMPTY = "media.empty"
    MEDIA_UNSUPPORTED = "media.unsupported"
    MEDIA_TRUNCATED = "media.truncated"
    MEDIA_TOO_MANY_BYTES = "media.too_many_bytes"
    MEDIA_TOO_LONG = "media.too_long"
    MEDIA_TOO_MANY_PIXELS = "media.too_many_pixels"
    MEDIA_TOO_MANY_FRAMES = "media.too_many_frames"
    MEDIA_TOO_MUCH_MEMORY = "media.too_much_memory"
    MEDIA_TOO_SLOW = "media.too_slow"
    MEDIA_WORKER_DIED = "media.worker_died"
    MEDIA_NO_VIDEO = "media.no_video"
    MEDIA_NO_AUDIO = "media.no_audio"
    MEDIA_INVALID_SAMPLES = "media.invalid_samples"
    MODEL_UNKNOWN = "model.unknown"
    MODEL_MISSING = "model.missing"
    MODEL_HASH_MISMATCH = "model.hash_mismatch"
    MODEL_WRONG_TENSORS = "model.wrong_tensors"
    MODEL_UNREADABLE = "model.unreadable"
    MODEL_UNAVAILABLE = "model.unavailable"
    MODEL_TERMS_NOT_ACCEPTED = "model.terms_not_accepted"
    COMPARISON_ACROSS_MODELS = "comparison.across_models"
    COMPARISON_NO_REFERENCE = "comparison.no_reference"
    CALIBRATION_MISSING = "calibration.missing"
    CALIBRATION_INVALID = "calibration.invalid"
    TRIALS_INVALID = "trials.invalid"
    CONFIGURATION_INVALID = "configuration.invalid"


class CountersignError(Exception):
    """Base of all errors raised on purpose.

    Args:
        code: stable, machine-readable.
        message: one plain sentence for a person; holds no personal data, no media, no secret.
    """

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"

    def __reduce__(self) -> tuple[type[CountersignError], tuple[ErrorCode, str]]:
        # Errors cross the border of the media worker's process, so they must survive pickling.
        return type(self), (self.code, self.message)


class MediaError(CountersignError):
    """The bytes could not be turned into a recording."""


class ModelError(CountersignError):
    """A model is missing, altered, or not what the catalogue says."""


class ComparisonError(CountersignError):
    """Two things that must not be compared were compared."""


class TrialsError(CountersignError):
    """An evaluation's input is wrong."""


class ConfigurationError(CountersignError):
    """A setting is missing, malformed or unsafe."""
