"""Exceptions with stable codes.

A biometric rejection is a value (`countersign.core.decisions`), and so is a failure to acquire
(`countersign.core.acquisition`). An exception means that the request itself could not be served::

    CountersignError
    ├── MediaError          the bytes could not be turned into a recording
    ├── ModelError          a model is missing, altered, or not what the catalogue says
    ├── ComparisonError     two things that must not be compared were compared
    ├── TrialsError         an evaluation's input is wrong
    ├── VaultError          stored references could not be kept, found or opened
    └── ConfigurationError  a setting is missing or unsafe
"""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class ErrorCode(StrEnum):
    """Codes that callers may rely on. A code is never reused for another meaning, and never removed in a minor release.

    Attributes:
        meaning: one sentence, for the reference page and for people.
    """

    meaning: str

    def __new__(cls, code: str, meaning: str) -> ErrorCode:  # noqa: D102
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    MEDIA_EMPTY = "media.empty", "The file holds no bytes."
    MEDIA_UNSUPPORTED = (
        "media.unsupported",
        "The file is of no kind that is accepted; docs/media.md lists those that are.",
    )
    MEDIA_TRUNCATED = "media.truncated", "The file ends early or is broken, and too little of it can be read."
    MEDIA_TOO_MANY_BYTES = "media.too_many_bytes", "The file is larger than allowed."
    MEDIA_TOO_LONG = "media.too_long", "The recording lasts longer than allowed."
    MEDIA_TOO_MANY_PIXELS = "media.too_many_pixels", "A picture is larger than allowed."
    MEDIA_TOO_MANY_FRAMES = "media.too_many_frames", "There are more pictures in the file than allowed."
    MEDIA_TOO_MUCH_MEMORY = "media.too_much_memory", "Decoded, the file would take more memory than allowed."
    MEDIA_TOO_SLOW = "media.too_slow", "Decoding took longer than allowed."
    MEDIA_WORKER_DIED = (
        "media.worker_died",
        "The process that decoded the file ended unexpectedly. The file may be an attack on the decoder.",
    )
    MEDIA_BUSY = "media.busy", "Too many files are waiting to be decoded already. Try again shortly."
    MEDIA_NO_VIDEO = "media.no_video", "A picture was needed and the file has none."
    MEDIA_NO_AUDIO = "media.no_audio", "Sound was needed and the file has none."
    MEDIA_INVALID_SAMPLES = "media.invalid_samples", "The sound holds values that are not finite numbers."
    MODEL_UNKNOWN = "model.unknown", "The catalogue has no model of that name."
    MODEL_MISSING = "model.missing", "The model is not installed: run `countersign models pull`."
    MODEL_HASH_MISMATCH = "model.hash_mismatch", "A file is not the one that the catalogue pins. It is not used."
    MODEL_WRONG_TENSORS = "model.wrong_tensors", "The model's inputs or outputs are not those of the catalogue."
    MODEL_UNREADABLE = "model.unreadable", "The file is not a model that the runtime can read."
    MODEL_UNAVAILABLE = "model.unavailable", "The model could not be had from any of its sources."
    MODEL_TERMS_NOT_ACCEPTED = (
        "model.terms_not_accepted",
        "The model has terms of its own that the operator has not accepted.",
    )
    COMPARISON_ACROSS_MODELS = "comparison.across_models", "Probe and reference were made by different models."
    COMPARISON_NO_REFERENCE = "comparison.no_reference", "There is nothing to compare with."
    CALIBRATION_MISSING = "calibration.missing", "There is no calibration for that comparator and model."
    CALIBRATION_INVALID = "calibration.invalid", "A calibration file is malformed."
    TRIALS_INVALID = "trials.invalid", "The file of trials is malformed; the message names the line."
    VAULT_UNKNOWN_FORMAT = (
        "vault.unknown_format",
        "The stored bytes are of a format that this release does not know.",
    )
    VAULT_MALFORMED = (
        "vault.malformed",
        "The stored bytes, or what is to be stored, are not whole and valid references.",
    )
    VAULT_TOO_LARGE = "vault.too_large", "There are more or larger samples than a reference may hold."
    VAULT_NOT_AUTHENTIC = (
        "vault.not_authentic",
        "A sealed record was altered, moved from another place, or sealed with another key. It is not used.",
    )
    VAULT_KEY_UNKNOWN = "vault.key_unknown", "The key-encryption key that a record names is not among those given."
    VAULT_KEY_ERASED = "vault.key_erased", "The key of the record was erased, so the record cannot be read again."
    VAULT_ROLLED_BACK = "vault.rolled_back", "The record is older than the one that was last written. It is not used."
    VAULT_CONFLICT = (
        "vault.conflict",
        "Somebody else changed the record at the same time. Read it again, then try again.",
    )
    VAULT_UNAVAILABLE = "vault.unavailable", "The store of references, or the key service, could not be reached."
    CONFIGURATION_INVALID = "configuration.invalid", "A setting is missing, malformed or unsafe."


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


class VaultError(CountersignError):
    """Stored references could not be kept, found or opened."""


class ConfigurationError(CountersignError):
    """A setting is missing, malformed or unsafe."""
