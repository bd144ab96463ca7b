"""An engine room whose pictures are really opened, and which then sees nobody in them: for what no script was written in."""

from __future__ import annotations

from countersign.core.samples import Capture, Recording
from countersign.media.decode import KEEP_FPS, decode
from countersign.server.ceremonies.engine_room import EngineRoom, Places
from countersign.server.ceremonies.guidance.looking import Look
from tests.server.ceremonies.enrolment.scripted import ExaminingEngine
from tests.server.ceremonies.scripted import ScriptedDecoder

ROOM = "tests.server.ceremonies.open_eyes.room"


class Decoder(ScriptedDecoder):
    """Knows one word of the script, which lets people in."""

    def decode(self, capture: Capture, *, keep_fps: float = KEEP_FPS) -> Recording:
        if capture.data.startswith(b"accept"):
            return super().decode(capture, keep_fps=keep_fps)
        return decode(capture, keep_fps=keep_fps)


class Engine(ExaminingEngine):
    """Sees nobody."""

    def look(self, recording: Recording) -> Look:
        return Look(box=None, pose=None, advice=())


def room() -> EngineRoom:
    """For `settings.ENGINE_ROOM`."""
    return EngineRoom(load=Engine, decoder=Decoder(), places=Places(at_once=2, waiting=6, seconds=20))
