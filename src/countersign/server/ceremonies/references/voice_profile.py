"""Pitch, tone and cadence of every voice sample: for the person to look at. Nothing is decided by them.

Sealed like references, under an id of their own: pitch alone says much about who somebody is.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from countersign.core.errors import ErrorCode, VaultError
from countersign.vault.envelopes import Envelopes
from countersign.voice.prosody import Prosody

CONTOUR_STEP_S = 0.05
_EVERY = 5
"""Frames of 10 ms."""
_LONGEST_CONTOUR = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceFigures:
    """How one sample was spoken; see `countersign.voice.prosody`.

    Attributes:
        median_hz, low_hz, high_hz: of the pitch; None in a whisper.
        contour_hz: the pitch every `CONTOUR_STEP_S`, 0 where the voice does not sound.
    """

    median_hz: float | None
    low_hz: float | None
    high_hz: float | None
    contour_hz: tuple[float, ...]
    tilt_db_per_octave: float
    centroid_hz: float
    syllables_per_s: float
    pauses: int
    mean_pause_s: float

    @classmethod
    def of(cls, prosody: Prosody) -> Self:
        """From what was measured, rounded to what can be seen in a plot."""
        pitch = prosody.pitch
        contour = () if pitch is None else pitch.track_hz[::_EVERY][:_LONGEST_CONTOUR].tolist()
        return cls(
            median_hz=None if pitch is None else round(pitch.median_hz, 1),
            low_hz=None if pitch is None else round(pitch.low_hz, 1),
            high_hz=None if pitch is None else round(pitch.high_hz, 1),
            contour_hz=tuple(round(value, 1) for value in contour),
            tilt_db_per_octave=round(prosody.tone.tilt_db_per_octave, 2),
            centroid_hz=round(prosody.tone.centroid_hz, 1),
            syllables_per_s=round(prosody.cadence.syllables_per_s, 2),
            pauses=prosody.cadence.pauses,
            mean_pause_s=round(prosody.cadence.mean_pause_s, 3),
        )

    def as_json(self) -> dict[str, object]:
        """What `from_json` takes."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """What `as_json` gave.

        Raises:
            TypeError, KeyError: it is none.
        """
        return cls(**{**content, "contour_hz": tuple(content["contour_hz"])})


def write(envelopes: Envelopes, profile_id: UUID, figures: Sequence[VoiceFigures]) -> int:
    """Keep them in place of those that were there. Returns the version.

    Raises:
        VaultError: as `Envelopes.write`.
    """
    present = envelopes.load(profile_id)
    content = json.dumps([each.as_json() for each in figures], separators=(",", ":"), allow_nan=False).encode()
    return envelopes.write(profile_id, lambda _: content, expected_version=0 if present is None else present.version)


def load(envelopes: Envelopes, profile_id: UUID, *, least_version: int) -> tuple[VoiceFigures, ...]:
    """Those that were written, or none.

    Raises:
        VaultError: as `Envelopes.load`; VAULT_MALFORMED.
    """
    opened = envelopes.load(profile_id, least_version=least_version)
    if opened is None:
        return ()
    try:
        return tuple(VoiceFigures.from_json(each) for each in json.loads(opened.content))
    except (ValueError, TypeError, KeyError):
        raise VaultError(ErrorCode.VAULT_MALFORMED, "the voice profile is malformed") from None
