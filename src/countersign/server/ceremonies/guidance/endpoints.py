"""Guidance in the API."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import Capture
from countersign.server.ceremonies.callers import caller_of, pending
from countersign.server.ceremonies.engine_room import engine_room
from countersign.server.ceremonies.enrolment.schemas import AdviceOut
from countersign.server.ceremonies.guidance.looking import Look, look
from countersign.server.ceremonies.guidance.pace import Pace
from countersign.server.ceremonies.problem_schema import PROBLEMS
from countersign.server.ceremonies.problems import Problem, ProblemCode

MOST_BYTES = 65_536
PACE = Pace(per_second=4.0, burst=8)
"""Clients ask two or three times a second."""
_JPEG = b"\xff\xd8\xff"

router = Router(tags=["guidance"])


class FaceOut(Schema):
    """Left, top, right and bottom as fractions of the picture; degrees, yaw positive to the person's own left."""

    box: tuple[float, float, float, float]
    yaw: float
    pitch: float
    roll: float


class GuidanceOut(Schema):
    """The one face, or null; and what to change."""

    face: FaceOut | None
    advice: list[AdviceOut]


@router.post(
    "/guidance",
    auth=pending,
    response={200: GuidanceOut, **PROBLEMS},
    summary="Look at one small picture",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary", "maxLength": MOST_BYTES}}},
        }
    },
)
def guide(request: HttpRequest) -> GuidanceOut:
    """A JPEG of 64 KiB at most, as the body. Nothing is kept. 429 when asked too often; it is no use to hurry."""
    wait = PACE.take(caller_of(request).binding)
    if wait:
        raise Problem(ProblemCode.TOO_MANY, retry_after=wait)
    data = request.body
    if len(data) > MOST_BYTES:
        raise MediaError(ErrorCode.MEDIA_TOO_MANY_BYTES, f"a picture for guidance may have {MOST_BYTES} bytes")
    if not data.startswith(_JPEG):
        raise MediaError(ErrorCode.MEDIA_UNSUPPORTED, "a picture for guidance is a JPEG")
    room = engine_room()
    with room.place():
        found = look(room.engine, room.decode(Capture(data=data, media_type="image/jpeg")))
    return _shown(found)


def _shown(found: Look) -> GuidanceOut:
    face = None
    if found.box is not None and found.pose is not None:
        left, top, right, bottom = (round(edge, 4) for edge in found.box)
        pose = found.pose
        face = FaceOut(
            box=(left, top, right, bottom), yaw=round(pose.yaw, 1), pitch=round(pose.pitch, 1), roll=round(pose.roll, 1)
        )
    return GuidanceOut(face=face, advice=[AdviceOut.of(reason) for reason in found.advice])
