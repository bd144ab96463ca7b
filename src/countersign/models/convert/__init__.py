"""From the files as published to ONNX: one module a source format, no torch, no TensorFlow, no code of the packages.

A conversion is a pure function of bytes whose result is the same on every machine, so that the catalogue can pin it.
"""

from __future__ import annotations

from collections.abc import Callable

from countersign.models.convert.batched import batched, spelled
from countersign.models.convert.dlib_resnet import dlib_resnet
from countersign.models.convert.facenet import facenet
from countersign.models.convert.ge2e import ge2e
from countersign.models.convert.light_asd import looking_half
from countersign.models.convert.mediapipe import blazeface, facemesh
from countersign.models.convert.mtcnn import onet, pnet, rnet
from countersign.models.convert.openvino_ir import face_reidentification, head_pose
from countersign.models.entry import Conversion


def _as_it_is(data: bytes) -> bytes:
    return data


_CONVERTERS: dict[Conversion, Callable[..., bytes]] = {
    Conversion.NONE: _as_it_is,
    Conversion.MTCNN_PNET: pnet,
    Conversion.MTCNN_RNET: rnet,
    Conversion.MTCNN_ONET: onet,
    Conversion.DLIB_RESNET: dlib_resnet,
    Conversion.GE2E: ge2e,
    Conversion.FACEMESH: facemesh,
    Conversion.BLAZEFACE: blazeface,
    Conversion.OPENVINO_FACE_REID: face_reidentification,
    Conversion.OPENVINO_HEAD_POSE: head_pose,
    Conversion.FACENET: facenet,
    Conversion.LIGHT_ASD: looking_half,
    Conversion.BATCHED: batched,
    Conversion.SPELLED: spelled,
}


def convert(conversion: Conversion, sources: tuple[bytes, ...]) -> bytes:
    """The ONNX file made of the source files, which have been verified, in the catalogue's order."""
    return _CONVERTERS[conversion](*sources)
