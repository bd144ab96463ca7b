"""Whole ceremonies made of single calls: enrol, log in, authenticate again."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from countersign.client import calls
from countersign.client.device_key import DeviceKey
from countersign.client.exchange import Call
from countersign.client.problems import ClientError
from countersign.client.values import AttemptAccepted, AttemptResult, Challenge, Enrolment, PictureSlot, VoiceSlot

Film = Callable[[Challenge], tuple[bytes, str]]
"""Films the person answering a challenge: bytes and media type."""
Sample = Callable[[PictureSlot | VoiceSlot], tuple[bytes, str]]
"""Takes the picture, or records the voice, that a slot asks for: bytes and media type.

Asked again where a sample is refused; words that were not understood have been replaced by others then.
"""


class SampleRefusedError(ClientError):
    """A sample was not good enough, as often as it was tried.

    Args:
        slot: which.
        advice: codes of what to change.
    """

    def __init__(self, slot: PictureSlot | VoiceSlot, advice: tuple[str, ...]) -> None:
        super().__init__(f"{type(slot).__name__} {slot.slot} was refused: {', '.join(advice)}")
        self.slot, self.advice = slot, advice


def enrol(take: Sample, *, key: DeviceKey, device: UUID, tries: int = 3) -> Call[Enrolment]:
    """Give consent, hand in every picture and voice sample asked for, and complete.

    The person must have been shown the text (`Client.consent`) and have agreed before this is called. An enrolment that
    broke off is gone on with.

    Raises:
        SampleRefusedError: one was refused `tries` times.
    """
    yield from calls.give_consent((yield from calls.consent_version()))
    enrolment = yield from calls.open_enrolment()
    for picture in enrolment.wanted_pictures:
        yield from _one(enrolment, picture, "picture", take, key=key, device=device, tries=tries)
    for voice in enrolment.wanted_voices:
        yield from _one(enrolment, voice, "voice", take, key=key, device=device, tries=tries)
    yield from calls.complete_enrolment(enrolment)
    return enrolment


def answer(purpose: str, film: Film, *, key: DeviceKey, device: UUID) -> Call[AttemptResult]:
    """Take one challenge, film the answer, hand it in."""
    challenge = yield from calls.take_challenge(purpose)
    media, media_type = film(challenge)
    return (yield from calls.answer_challenge(challenge, media, media_type=media_type, key=key, device=device))


def log_in(
    film: Film, *, key: DeviceKey, device: UUID | None, device_name: str, password: str, identifier: dict[str, str]
) -> Call[tuple[AttemptResult, UUID | None]]:
    """Password, then the challenge. Gives what became of it, and the device's id."""
    pending = yield from calls.begin_login(password=password, **identifier)
    if "biometric" not in pending:
        if pending:
            raise ClientError(f"the server asks for what this client does not do: {', '.join(sorted(pending))}")
        return AttemptAccepted(), device
    if device is None:
        device = yield from calls.register_device(key, name=device_name)
    return (yield from answer("login", film, key=key, device=device)), device


def _one(
    enrolment: Enrolment,
    slot: PictureSlot | VoiceSlot,
    kind: str,
    take: Sample,
    *,
    key: DeviceKey,
    device: UUID,
    tries: int,
) -> Call[None]:
    advice: tuple[str, ...] = ()
    for _ in range(tries):
        media, media_type = take(slot)
        result = yield from calls.add_sample(
            enrolment, kind, slot.slot, media, media_type=media_type, key=key, device=device
        )
        if result.accepted:
            return
        advice = tuple(item.code for item in result.advice)
        slots = result.enrolment.pictures if kind == "picture" else result.enrolment.voices
        slot = next(each for each in slots if each.slot == slot.slot)
    raise SampleRefusedError(slot, advice)
