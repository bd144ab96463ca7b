"""Headers of photos are read without decoding, and damage never raises."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.media.photo_header import read_photo_header
from countersign.media.sniff import Kind
from tests.media import clips

PHOTOS = {Kind.JPEG: "jpeg", Kind.PNG: "png", Kind.WEBP: "webp"}


@pytest.mark.parametrize("kind", PHOTOS)
def test_size_and_wholeness_are_read(kind: Kind) -> None:
    data = clips.named(PHOTOS[kind])
    header = read_photo_header(kind, data)
    assert (header.width, header.height, header.orientation) == (64, 48, 1)
    assert header.whole
    assert not header.animated
    assert not read_photo_header(kind, data[:-14]).whole


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", PHOTOS)
def test_exif_orientation_is_read(kind: Kind, orientation: int) -> None:
    assert read_photo_header(kind, clips.oriented(PHOTOS[kind], orientation)).orientation == orientation


def test_an_orientation_that_does_not_exist_means_upright() -> None:
    assert read_photo_header(Kind.JPEG, clips.oriented("jpeg", 9)).orientation == 1


def test_an_animated_png_is_noticed() -> None:
    data = clips.named("png")
    chunk = b"acTL" + struct.pack(">II", 2, 0)
    animated = data[:33] + struct.pack(">I", 8) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[33:]
    assert read_photo_header(Kind.PNG, animated).animated


@given(st.sampled_from(list(PHOTOS)), st.binary(max_size=200), st.integers(0, 300))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_damage_never_raises(kind: Kind, garbage: bytes, keep: int) -> None:
    header = read_photo_header(kind, clips.named(PHOTOS[kind])[:keep] + garbage)
    assert header.width >= 0
    assert 1 <= header.orientation <= 8
