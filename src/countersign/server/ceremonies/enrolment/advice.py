"""What the person can do about a sample that was not taken. All texts of the enrolment, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, unique
from types import MappingProxyType
from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from countersign.core.acquisition import AcquisitionReason


@unique
class Hint(StrEnum):
    """What stands against a sample that could be acquired; `AcquisitionReason` is for those that could not."""

    LOOK_STRAIGHT = "look_straight"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    TURN_BACK = "turn_back"
    AS_FAR_AS_YOU_CAN = "as_far_as_you_can"
    COME_CLOSER = "come_closer"
    OTHER_PERSON = "other_person"
    OTHER_VOICE = "other_voice"
    OTHER_WORDS = "other_words"
    LONGER_SPEECH = "longer_speech"
    TAKE_ANEW = "take_anew"


Advice: TypeAlias = Hint | AcquisitionReason

_HINTS: Mapping[Hint, Promise] = MappingProxyType(
    {
        Hint.LOOK_STRAIGHT: _("Look straight into the camera."),
        Hint.TURN_LEFT: _("Turn your head further to your left."),
        Hint.TURN_RIGHT: _("Turn your head further to your right."),
        Hint.TURN_BACK: _("Turn your head back a little."),
        Hint.AS_FAR_AS_YOU_CAN: _("As far as you comfortably can is enough."),
        Hint.COME_CLOSER: _("Come closer."),
        Hint.OTHER_PERSON: _(
            "This does not look like the person of the other pictures. If one of those is wrong, start again."
        ),
        Hint.OTHER_VOICE: _("This does not sound like the other recordings. If one of those is wrong, start again."),
        Hint.OTHER_WORDS: _("We did not catch that. Here are other words."),
        Hint.LONGER_SPEECH: _("Read all the words, a little more slowly."),
        Hint.TAKE_ANEW: _("This is a recording that you have sent before. Take a new one."),
    }
)
_REASONS: Mapping[AcquisitionReason, Promise] = MappingProxyType(
    {
        AcquisitionReason.NO_FACE: _("Hold the camera so that your whole face is in the picture."),
        AcquisitionReason.SEVERAL_FACES: _("Make sure that nobody else is in the picture."),
        AcquisitionReason.FACE_TOO_SMALL: _("Come closer."),
        AcquisitionReason.TOO_DARK: _("Find more light."),
        AcquisitionReason.TOO_BRIGHT: _("Turn away from the bright light."),
        AcquisitionReason.BLURRED: _("Hold the camera still, and wipe its lens."),
        AcquisitionReason.NO_PICTURE: _("Allow the camera, and try again."),
        AcquisitionReason.NO_SOUND: _("Allow the microphone, and try again."),
        AcquisitionReason.NO_SPEECH: _("We heard no words. Read the words aloud."),
        AcquisitionReason.TOO_LITTLE_SPEECH: _("Read all the words aloud."),
        AcquisitionReason.TOO_QUIET: _("Speak louder, or come closer to the microphone."),
        AcquisitionReason.TOO_NOISY: _("Find a quieter place."),
        AcquisitionReason.TOO_NARROW: _("Use the device's own microphone rather than a headset."),
        AcquisitionReason.CLIPPED: _("Speak more softly, or move away from the microphone."),
        AcquisitionReason.TURN_TOO_SMALL: _("Turn your head further to both sides."),
        AcquisitionReason.TURN_TOO_FAST: _("Turn your head more slowly."),
    }
)


def text_of(advice: Advice) -> str:
    """In the language of whoever asks."""
    if isinstance(advice, Hint):
        return str(_HINTS[advice])
    return str(_REASONS.get(advice, advice.advice))
