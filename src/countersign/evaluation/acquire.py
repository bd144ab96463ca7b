"""From files to the features of each presentation, with every failure to acquire on record."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from countersign.core.acquisition import FailureToAcquire
from countersign.core.biometrics import Modality
from countersign.core.errors import ErrorCode, MediaError
from countersign.core.evidence import Features, NotAssessed
from countersign.core.samples import Capture, Recording
from countersign.evaluation.feature_cache import FeatureCache
from countersign.evaluation.system import System, SystemSource, opened
from countersign.evaluation.trials import Kind, MediaFile, TrialPresentation

FileOutcome: TypeAlias = Features | ErrorCode
"""What a file gave, or why it could not be read at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquired:
    """One presentation after acquisition.

    Attributes:
        presentation: whose it is and what it offers.
        features: of all its files together.
        failures: why there is no sample, for each offered modality without one. Codes, no personal data.
    """

    presentation: TrialPresentation
    features: Features
    failures: Mapping[Modality, str]


def extract_file(source: SystemSource, file: MediaFile, cache_folder: Path) -> tuple[FileOutcome, bool]:
    """Features of one file, from the cache where it has them.

    Runs in a worker process, which keeps the system of `source` open from one call to the next.

    Returns:
        The outcome, and whether the cache had it.
    """
    system = opened(source)
    data = file.path.read_bytes()
    models = system.engine.models.values()
    cache = FeatureCache.at(cache_folder, models=models, revision=system.revision)
    key = cache.key(hashlib.sha256(data).hexdigest(), file.kind)
    features = cache.get(key)
    if features is not None:
        return features, True
    try:
        recording = look_at(system.decode(Capture(data=data, name=file.path.name)), file.kind)
    except MediaError as error:
        return error.code, False
    features = system.engine.extract(recording)
    cache.put(key, features)
    return features, False


def look_at(recording: Recording, kind: Kind) -> Recording:
    """`recording` without what its row did not offer.

    Raises:
        MediaError: MEDIA_NO_VIDEO or MEDIA_NO_AUDIO when nothing that was offered is there.
    """
    video = recording.video if Modality.FACE in kind.modalities else None
    audio = recording.audio if Modality.VOICE in kind.modalities else None
    if video is None and audio is None:
        code = ErrorCode.MEDIA_NO_AUDIO if kind is Kind.VOICE else ErrorCode.MEDIA_NO_VIDEO
        raise MediaError(code, "the file does not hold what its row says it offers")
    return dataclasses.replace(recording, video=video, audio=audio)


def acquire(system: System, presentation: TrialPresentation, outcomes: Mapping[MediaFile, FileOutcome]) -> Acquired:
    """Put a presentation together from what its files gave."""
    found = [outcomes[file] for file in presentation.files]
    features = [item for item in found if not isinstance(item, ErrorCode)]
    together = system.engine.gather(features) if features else _nothing()
    results = {Modality.FACE: together.face, Modality.VOICE: together.voice}
    failures = {}
    for modality in sorted(presentation.offered):
        result = results[modality]
        if isinstance(result, FailureToAcquire):
            failures[modality] = str(result.reason)
        elif isinstance(result, NotAssessed):
            failures[modality] = _error(presentation, outcomes, modality)
    return Acquired(presentation=presentation, features=together, failures=failures)


def _error(presentation: TrialPresentation, outcomes: Mapping[MediaFile, FileOutcome], modality: Modality) -> str:
    """The first error among the files that offered `modality`; without one, the stream was simply not there."""
    for file in presentation.files:
        outcome = outcomes[file]
        if modality in file.kind.modalities and isinstance(outcome, ErrorCode):
            return str(outcome)
    return str(ErrorCode.MEDIA_NO_VIDEO if modality is Modality.FACE else ErrorCode.MEDIA_NO_AUDIO)


def _nothing() -> Features:
    absent = NotAssessed(reason="no file of the presentation could be read")
    return Features(face=absent, voice=absent)
