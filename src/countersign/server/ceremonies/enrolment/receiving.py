"""From an upload to a sample that is kept, or to advice."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from ninja.files import UploadedFile

from countersign.core.biometrics import Enrolment, FaceSample, VoiceSample
from countersign.core.replay import Fingerprint
from countersign.core.samples import Capture, Recording
from countersign.server.ceremonies.callers import Caller
from countersign.server.ceremonies.engine_room import engine_room
from countersign.server.ceremonies.enrolment import ceremony
from countersign.server.ceremonies.enrolment.advice import Advice, Hint
from countersign.server.ceremonies.enrolment.examiner import HeardPrompt, examiner_of
from countersign.server.ceremonies.enrolment.gathered import Gathered
from countersign.server.ceremonies.enrolment.judging import judge_picture, judge_prompt
from countersign.server.ceremonies.enrolment.slots import PICTURES, PictureSlot, asked_pictures
from countersign.server.ceremonies.models import EnrolmentKind, EnrolmentSession
from countersign.server.ceremonies.problems import Problem, ProblemCode
from countersign.server.ceremonies.references import holding
from countersign.server.ceremonies.references.voice_profile import VoiceFigures
from countersign.server.ceremonies.replay.remembering import remember, replay_memory
from countersign.server.ceremonies.uploads import verified_capture

_NOBODY = Enrolment(face=None, voice=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What came in, still unverified."""

    media: UploadedFile
    device: UUID
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What became of an upload.

    Attributes:
        advice: why it was not taken; empty when it was.
    """

    session: EnrolmentSession
    gathered: Gathered
    advice: tuple[Advice, ...]


def picture(caller: Caller, enrolment_id: UUID, number: int, upload: Upload) -> Received:
    """One picture, or a short film of the head in that pose.

    Raises:
        Problem: the enrolment cannot go on, the slot is none, the upload is not what a device signed, or too many are busy.
        MediaError: it is no recording.
        VaultError: what was gathered cannot be had or kept.
    """
    session = ceremony.find_open(caller, enrolment_id)
    slot = _picture_slot(session, number)
    capture = _verified(caller, session, f"picture/{slot.slot}", upload)
    found = ceremony.gathered(session)
    if capture.sha256 in found.media:
        return Received(session=session, gathered=found, advice=(Hint.TAKE_ANEW,))
    earlier = _other_pictures(session, found, slot.slot)
    room = engine_room()
    with room.place():
        recording = _decoded(capture)
        judged = judge_picture(examiner_of(room.engine), recording, slot, earlier)
        fingerprint = _fingerprint(caller, recording)
    remember(caller.account, uuid4(), fingerprint)
    if not isinstance(judged, FaceSample):
        if {Hint.TURN_LEFT, Hint.TURN_RIGHT} & set(judged):
            session, judged = _after_short_turn(session, slot, judged)
        return Received(session=session, gathered=found, advice=judged)
    sample = judged
    kept = ceremony.keep(session, lambda present: present.with_picture(slot.slot, sample, capture.sha256))
    return Received(session=session, gathered=kept, advice=())


def voice(caller: Caller, enrolment_id: UUID, number: int, upload: Upload) -> Received:
    """One prompt, read aloud. As `picture`; where it was not understood, other words are asked for."""
    session = ceremony.find_open(caller, enrolment_id)
    if not 0 <= number < len(session.prompts):
        raise Problem(ProblemCode.NOT_FOUND)
    capture = _verified(caller, session, f"voice/{number}", upload)
    found = ceremony.gathered(session)
    if capture.sha256 in found.media:
        return Received(session=session, gathered=found, advice=(Hint.TAKE_ANEW,))
    words, earlier = session.prompts[number], _other_voices(session, found, number)
    room = engine_room()
    with room.place():
        recording = _decoded(capture)
        judged = judge_prompt(examiner_of(room.engine), recording, words, earlier, language=session.language)
        fingerprint = _fingerprint(caller, recording)
    remember(caller.account, uuid4(), fingerprint)
    if not isinstance(judged, HeardPrompt):
        if Hint.OTHER_WORDS in judged:
            session = ceremony.ask_other_words(session, number, words)
        return Received(session=session, gathered=found, advice=judged)
    sample = judged.sample
    figures = None if judged.prosody is None else VoiceFigures.of(judged.prosody)
    kept = ceremony.keep(session, lambda present: present.with_voice(number, sample, figures, capture.sha256))
    return Received(session=session, gathered=kept, advice=())


def _fingerprint(caller: Caller, recording: Recording) -> Fingerprint:
    """Kept whether or not the sample is: nothing that was recorded for an enrolment may serve as a login."""
    return engine_room().engine.fingerprint(recording, replay_memory(caller.account))


def _picture_slot(session: EnrolmentSession, number: int) -> PictureSlot:
    if not 0 <= number < len(PICTURES):
        raise Problem(ProblemCode.NOT_FOUND)
    return asked_pictures(session.short_turns)[number]


def _after_short_turn(
    session: EnrolmentSession, slot: PictureSlot, advice: tuple[Advice, ...]
) -> tuple[EnrolmentSession, tuple[Advice, ...]]:
    """Not everybody can turn so far: after a few tries less is asked for, and the person is told so."""
    present = ceremony.count_short_turn(session, slot.slot)
    eased = asked_pictures(present.short_turns)[slot.slot] != PICTURES[slot.slot]
    return present, (*advice, Hint.AS_FAR_AS_YOU_CAN) if eased else advice


def _verified(caller: Caller, session: EnrolmentSession, what: str, upload: Upload) -> Capture:
    capture, _ = verified_capture(
        caller,
        purpose=f"enrolment/{session.pk}/{what}",
        nonce=bytes(session.nonce),
        media=upload.media,
        device=upload.device,
        signature=upload.signature,
    )
    return capture


def _decoded(capture: Capture) -> Recording:
    return engine_room().decode(capture)


def _other_pictures(session: EnrolmentSession, found: Gathered, slot: int) -> tuple[FaceSample, ...]:
    """Of the same person: what was taken in other slots, and what samples are to be added to."""
    present = _present(session).face
    others = tuple(sample for number, sample in sorted(found.pictures.items()) if number != slot)
    return (() if present is None else present.samples) + others


def _other_voices(session: EnrolmentSession, found: Gathered, slot: int) -> tuple[VoiceSample, ...]:
    present = _present(session).voice
    others = tuple(sample for number, sample in sorted(found.voices.items()) if number != slot)
    return (() if present is None else present.samples) + others


def _present(session: EnrolmentSession) -> Enrolment:
    if session.kind != EnrolmentKind.ADD:
        return _NOBODY
    return holding.enrolment_of(session.account) or _NOBODY
