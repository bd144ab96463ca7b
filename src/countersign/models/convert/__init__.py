"""From the files as published to ONNX: one module a source format, no torch, no TensorFlow, no code of the packages.

A conversion is a pure function of bytes whose result is the same on every machine, so that the catalogue can pin it.
"""

from __future__ import annotations

from typing import assert_never

from countersign.models.convert.batched import batched
from countersign.models.convert.dlib_resnet import dlib_resnet
from countersign.models.convert.ge2e import ge2e
from countersign.models.entry import Conversion


def convert(conversion: Conversion, sources: tuple[bytes, ...]) -> bytes:
    """The ONNX file made of the source files, which have been verified, in the catalogue's order."""
    match conversion:
        case Conversion.NONE:
            return sources[0]
        case Conversion.DLIB_RESNET:
            return dlib_resnet(sources[0])
        case Conversion.GE2E:
            return ge2e(sources[0])
        case Conversion.BATCHED:
            return batched(sources[0])
        case _:
            assert_never(conversion)
