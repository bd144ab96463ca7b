"""Every sentence that the pages' scripts show, by its key. A template hands them over: `capture_text`.

`%(name)s` is filled in by the script. Sentences that never change stand in the templates instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_FAILURES: Mapping[str, Promise] = {
    "insecure.title": _("This page is not reached safely"),
    "insecure.text": _(
        "Browsers open camera and microphone only to pages that came over https. Ask who runs this site."
    ),
    "unsupported.title": _("This browser cannot record"),
    "unsupported.text": _("Use a current Chrome, Edge, Firefox or Safari."),
    "denied.title": _("Camera or microphone were not allowed"),
    "denied.text": _(
        "Your browser or your device does not let this site use them. Allow both in the site's settings, beside the address, "
        "or in the settings of your device, then try again."
    ),
    "missing.title": _("No camera or no microphone found"),
    "missing.text": _("Connect both, or use a device that has them, then try again."),
    "in_use.title": _("Camera or microphone are in use"),
    "in_use.text": _("Another application holds them. Close it, then try again."),
    "lost.title": _("The camera was switched off"),
    "lost.text": _("It was disconnected, or another application took it. Nothing was sent."),
    "offline.title": _("There is no connection"),
    "offline.text": _("Nothing is lost. Try again when you are online."),
    "expired.title": _("The time ran out"),
    "expired.text": _("What you are asked is good for a short while only. You get something new to do."),
    "held_up.title": _("Too many attempts"),
    "held_up.text": _("You can try again in %(seconds)s seconds."),
    "busy.title": _("The server is busy"),
    "busy.text": _("It did not come to it. Try again in a moment."),
    "signed_out.title": _("You are no longer logged in"),
    "signed_out.text": _("It took too long. Log in once more."),
    "unenrolled.title": _("Nothing is enrolled yet"),
    "unenrolled.text": _("There is no face and no voice to compare with."),
    "unreadable.title": _("The recording could not be read"),
    "unreadable.text": _("Try again. If it happens once more, use another browser."),
    "untrusted.title": _("This browser's key was not accepted"),
    "untrusted.text": _("Try again, or use a browser that you have logged in with before."),
    "unknown.title": _("Something went wrong"),
    "unknown.text": _("It is not your fault, and it has been noted. Try again in a moment."),
}

_LOGIN: Mapping[str, Promise] = {
    "retry.title": _("Once more, please"),
    "retry.text": _("The recording could not be judged."),
    "rejected.title": _("That did not work"),
    "rejected.text": _("The recording was not accepted."),
    "attempts.left": _("Attempts left: %(count)s."),
    "accepted": _("It is you. Taking you on."),
    "turn.left": _("Turn to your left"),
    "turn.right": _("Turn to your right"),
    "turn.back": _("Face the camera"),
    "read": _("Read aloud"),
    "guide.hold": _("Hold your face inside the outline."),
    "guide.good": _("Good. Press Start when you are ready."),
    "guide.none": _("No face is seen."),
    "starting.text": _("You are about to be told what to do."),
    "sending": _("Sending"),
    "sending.text": _("%(percent)s percent sent."),
    "judging": _("Looking and listening"),
    "judging.text": _("This takes a second or two."),
    "queued": _("The server is busy"),
    "queued.text": _("Your recording is sent again in %(seconds)s seconds."),
}

_ENROLMENT: Mapping[str, Promise] = {
    "loading": _("One moment"),
    "pose.front": _("Look straight into the camera"),
    "pose.slightly_left": _("Turn a little to your left"),
    "pose.half_left": _("Turn further to your left"),
    "pose.far_left": _("Turn as far to your left as you can"),
    "pose.slightly_right": _("Turn a little to your right"),
    "pose.half_right": _("Turn further to your right"),
    "pose.far_right": _("Turn as far to your right as you can"),
    "picture.number": _("Picture %(number)s of %(count)s"),
    "picture.take": _("Take the picture"),
    "picture.taken": _("Picture taken. Look at it, and use it or take it again."),
    "picture.hold": _("Hold still"),
    "voice.number": _("Reading %(number)s of %(count)s"),
    "voice.record": _("Record"),
    "voice.stop": _("Stop"),
    "voice.read": _("Read the words aloud, then press Stop."),
    "voice.ready": _("Press Record, then read the words aloud."),
    "voice.taken": _("Recorded. Listen to it, and use it or record it again."),
    "not_taken.title": _("That one will not do"),
    "not_taken.text": _("Please take it again."),
    "accepted.one": _("Accepted."),
    "finishing": _("Nearly done"),
    "finishing.text": _("Your face and your voice are measured. The recordings are then thrown away."),
    "enrolled": _("Your face and your voice are enrolled."),
    "lapsed.title": _("This enrolment is no longer open"),
    "lapsed.text": _("It took too long, or was ended elsewhere. Start again."),
}

_ACCOUNT: Mapping[str, Promise] = {
    "camera.number": _("Camera %(number)s"),
    "microphone.number": _("Microphone %(number)s"),
    "device.this": _("this device"),
    "device.never": _("not used yet"),
    "device.remove": _("Remove %(name)s"),
    "device.removed": _("Removed."),
    "device.none": _("No device has been registered."),
    "attempt.accepted": _("Let in"),
    "attempt.retry": _("Asked again"),
    "attempt.rejected": _("Not let in"),
    "attempt.unreadable": _("Could not be read"),
    "attempt.in_progress": _("Being judged"),
    "attempt.broken_off": _("Broken off"),
    "attempt.login": _("Login"),
    "attempt.reauthentication": _("Confirmation"),
    "attempt.none": _("There has been no login by face and voice."),
    "reference.face": _("Face"),
    "reference.voice": _("Voice"),
    "reference.samples": _("%(count)s samples"),
    "reference.face.detail": _("%(low)s to %(high)s pixels between the eyes"),
    "reference.voice.detail": _("%(seconds)s seconds of speech, at least %(low)s decibels above the noise"),
    "reference.none": _("Neither your face nor your voice is enrolled."),
    "profile.pitch": _("Pitch, hertz"),
    "profile.tone": _("Tone, decibels an octave"),
    "profile.cadence": _("Cadence, syllables a second"),
    "profile.sample": _("Sample %(number)s: %(value)s"),
    "profile.none": _("There is no voice to draw."),
    "consent.given": _("You agreed to version %(version)s on %(date)s."),
    "consent.none": _("You have not agreed to any recording."),
    "section.failed": _("This could not be loaded. Reload the page to try again."),
    "ask.erase": _("You can enrol again afterwards. Until then nobody can log in to your account by face and voice."),
    "ask.withdraw": _(
        "Your face and your voice are erased as well, and nothing more is recorded unless you agree anew."
    ),
    "ask.delete": _("Your account and all that is stored about you are gone for good. Nobody can bring them back."),
    "erased": _("Your face and your voice have been erased."),
    "withdrawn": _("Your consent is withdrawn, and your face and your voice have been erased."),
}

SENTENCES: Mapping[str, Promise] = MappingProxyType({**_FAILURES, **_LOGIN, **_ENROLMENT, **_ACCOUNT})
