"""What an unfinished enrolment has so far, as one sealed record: it outlives a broken connection and a killed process.

Version 1: ``"CSGA"  version: u8 = 1  header length: u32, little-endian  header: JSON, UTF-8  samples: vault.encode``. The
header names the slot of each sample, in the samples' order.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from uuid import UUID

from countersign.core.biometrics import Enrolment, FaceReference, FaceSample, VoiceReference, VoiceSample
from countersign.core.errors import ErrorCode, VaultError
from countersign.server.ceremonies.references.voice_profile import VoiceFigures
from countersign.vault import encode
from countersign.vault.envelopes import Envelopes

_START = struct.Struct("<4sBI")
_MAGIC, _VERSION = b"CSGA", 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Samples by slot.

    Attributes:
        figures: of each voice sample, where there are any.
        media: SHA-256 of the files that the samples were made of, hexadecimal: none is taken twice.
    """

    pictures: Mapping[int, FaceSample] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    voices: Mapping[int, VoiceSample] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    figures: Mapping[int, VoiceFigures] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    media: frozenset[str] = frozenset()

    def with_picture(self, slot: int, sample: FaceSample, sha256: str) -> Gathered:
        """With one more, or another one."""
        return replace(self, pictures={**self.pictures, slot: sample}, media=self.media | {sha256})

    def with_voice(self, slot: int, sample: VoiceSample, figures: VoiceFigures | None, sha256: str) -> Gathered:
        """With one more, or another one."""
        kept = {known: value for known, value in self.figures.items() if known != slot}
        return replace(
            self,
            voices={**self.voices, slot: sample},
            figures=kept if figures is None else {**kept, slot: figures},
            media=self.media | {sha256},
        )

    def enrolment(self) -> Enrolment:
        """The samples, in the order of their slots."""
        face = tuple(self.pictures[slot] for slot in sorted(self.pictures))
        voice = tuple(self.voices[slot] for slot in sorted(self.voices))
        return Enrolment(
            face=FaceReference(samples=face) if face else None, voice=VoiceReference(samples=voice) if voice else None
        )


def load(envelopes: Envelopes, gathered_id: UUID) -> tuple[Gathered, int]:
    """What there is so far, and its version; nothing yet is version 0.

    Raises:
        VaultError: as `Envelopes.load`.
    """
    opened = envelopes.load(gathered_id)
    return (Gathered(), 0) if opened is None else (from_bytes(opened.content), opened.version)


def save(envelopes: Envelopes, gathered_id: UUID, gathered: Gathered, *, expected_version: int) -> None:
    """Put it in place of what there was.

    Raises:
        VaultError: as `Envelopes.write`.
    """
    content = to_bytes(gathered)
    envelopes.write(gathered_id, lambda _: content, expected_version=expected_version)


def to_bytes(gathered: Gathered) -> bytes:
    """Bytes that `from_bytes` turns back."""
    header = {
        "pictures": sorted(gathered.pictures),
        "voices": sorted(gathered.voices),
        "figures": {str(slot): figures.as_json() for slot, figures in sorted(gathered.figures.items())},
        "media": sorted(gathered.media),
    }
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    return _START.pack(_MAGIC, _VERSION, len(text)) + text + encode.encode(gathered.enrolment())


def from_bytes(data: bytes) -> Gathered:
    """What `to_bytes` was given.

    Raises:
        VaultError: VAULT_UNKNOWN_FORMAT or VAULT_MALFORMED.
    """
    try:
        magic, version, length = _START.unpack_from(data)
        if (magic, version) != (_MAGIC, _VERSION):
            raise VaultError(ErrorCode.VAULT_UNKNOWN_FORMAT, "what was gathered is kept in an unknown format")
        header = json.loads(data[_START.size : _START.size + length])
        enrolment = encode.decode(data[_START.size + length :])
        faces = () if enrolment.face is None else enrolment.face.samples
        voices = () if enrolment.voice is None else enrolment.voice.samples
        return Gathered(
            pictures=dict(zip(header["pictures"], faces, strict=True)),
            voices=dict(zip(header["voices"], voices, strict=True)),
            figures={int(slot): VoiceFigures.from_json(value) for slot, value in header["figures"].items()},
            media=frozenset(header["media"]),
        )
    except (struct.error, ValueError, KeyError, TypeError, AttributeError):
        raise VaultError(ErrorCode.VAULT_MALFORMED, "what was gathered is malformed") from None
