"""Colour, shape and orientation of pictures are right, whatever the codec does to them."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from countersign.core.arrays import UInt8Array
from countersign.core.samples import Capture
from countersign.media.decode import decode
from countersign.media.pixels import Orientation, RgbConverter, exif_orientation
from tests.media import clips
from tests.media.clips import VideoSpec, film
from tests.media.scene import QUADRANTS, picture

UPRIGHT = ["top left", "top right", "bottom left", "bottom right"]


def first_image(data: bytes, *, max_side: int | None = None) -> UInt8Array:
    video = decode(Capture(data=data), max_side=max_side).video
    assert video is not None
    return video.frames[0].image


def seen_quadrants(image: UInt8Array) -> list[str]:
    """Which colour is in each corner, top left to bottom right."""
    height, width = image.shape[:2]
    corners = [image[y, x].astype(int) for y in (height // 8, -height // 8) for x in (width // 8, -width // 8)]
    names = list(QUADRANTS)
    colours = np.array([QUADRANTS[name] for name in names])
    return [names[int(np.abs(colours - corner).sum(axis=1).argmin())] for corner in corners]


def transformed(rotation_ccw: int, *, mirrored: bool) -> UInt8Array:
    """How a player shows `picture` with such a display matrix: turned, then mirrored left to right."""
    image = np.rot90(picture(0.0), rotation_ccw // 90)
    return np.ascontiguousarray(image[:, ::-1] if mirrored else image)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_display_matrix_of_a_film_is_applied(rotation: int, mirrored: bool) -> None:
    data = film("mov", seconds=0.2, video=VideoSpec(rotation_ccw=rotation, mirrored=mirrored))
    image = first_image(data)
    assert image.shape == transformed(rotation, mirrored=mirrored).shape
    assert seen_quadrants(image) == seen_quadrants(transformed(rotation, mirrored=mirrored))
    if not mirrored:
        assert decode(Capture(data=data)).facts.rotation_deg == rotation


# Exif 2.32, 4.6.4 A, tag 0x0112: where the 0th row and the 0th column are seen.
EXIF_SEEN = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_orientation_of_a_photo_is_applied(kind: str, orientation: int) -> None:
    image = first_image(clips.oriented(kind, orientation))
    row, column = EXIF_SEEN[orientation]
    sides = {"top left": {"top", "left"}, "top right": {"top", "right"}, "bottom left": {"bottom", "left"}}
    wanted = next((corner for corner, names in sides.items() if names == {row, column}), "bottom right")
    # The stored picture's first row and first column meet in red.
    assert UPRIGHT[seen_quadrants(image).index("top left")] == wanted
    assert image.shape[:2] == ((48, 64) if orientation < 5 else (64, 48))


def test_an_unknown_exif_orientation_means_upright() -> None:
    assert exif_orientation(0) == exif_orientation(77) == Orientation()


@pytest.mark.parametrize("colorspace", [Colorspace.ITU601, Colorspace.ITU709])
@pytest.mark.parametrize("color_range", [ColorRange.MPEG, ColorRange.JPEG])
def test_labelled_colours_come_out_as_drawn(colorspace: int, color_range: int) -> None:
    spec = VideoSpec(codec="libx264", colorspace=colorspace, color_range=color_range, options=(("qp", "1"),))
    image = first_image(film("matroska", seconds=0.2, video=spec))
    assert np.abs(image[4:12, 4:12].astype(int) - QUADRANTS["top left"]).max() <= 4
    assert np.abs(image[4:12, -12:-4].astype(int) - QUADRANTS["top right"]).max() <= 4
    assert np.abs(image[-12:-4, 4:12].astype(int) - QUADRANTS["bottom left"]).max() <= 4


@pytest.mark.parametrize(
    ("width", "height", "colorspace"), [(640, 480, Colorspace.ITU601), (1280, 720, Colorspace.ITU709)]
)
def test_unlabelled_colours_are_read_as_players_read_them(width: int, height: int, colorspace: int) -> None:
    frame = av.VideoFrame.from_ndarray(picture(0.0, width, height), format="rgb24")
    frame = frame.reformat(format="yuv420p", dst_colorspace=colorspace, dst_color_range=ColorRange.MPEG)
    frame.colorspace = 2
    converter = RgbConverter(codec="h264", sample_aspect_ratio=None, max_side=None, orientation=Orientation())
    image = converter.convert(frame)
    assert np.abs(image[20:100, 20:100].astype(int) - QUADRANTS["top left"]).max() <= 4


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_photos_keep_their_colours(kind: str) -> None:
    image = first_image(clips.named(kind))
    for rows, columns, name in [
        (slice(4, 12), slice(4, 12), "top left"),
        (slice(4, 12), slice(-12, -4), "top right"),
        (slice(-12, -4), slice(4, 12), "bottom left"),
        (slice(-12, -4), slice(-12, -4), "bottom right"),
    ]:
        assert np.abs(image[rows, columns].astype(int) - QUADRANTS[name]).max() <= (12 if kind == "webp" else 4)


@pytest.mark.parametrize("pix_fmt", ["gray", "rgba", "rgb48be", "pal8"])
def test_odd_kinds_of_png_give_rgb(pix_fmt: str) -> None:
    if pix_fmt == "pal8":
        data = film("gif", seconds=0.1, video=VideoSpec(codec="gif", pix_fmt="rgb8", rate=10))
    else:
        data = clips.still("png", picture(0.0), pix_fmt=pix_fmt)
    image = first_image(data)
    assert image.shape == (48, 64, 3)
    assert image.dtype == np.uint8
    assert image[-8, -8].min() > 200


def test_the_shape_of_a_pixel_is_applied() -> None:
    wide = first_image(film("mp4", seconds=0.2, video=VideoSpec(sample_aspect_ratio=Fraction(16, 15))))
    assert wide.shape[:2] == (48, 68)
    narrow = first_image(film("mp4", seconds=0.2, video=VideoSpec(sample_aspect_ratio=Fraction(9, 16))))
    assert narrow.shape[:2] == (48, 36)


def test_an_absurd_pixel_shape_is_ignored() -> None:
    data = film("mp4", seconds=0.2, video=VideoSpec(sample_aspect_ratio=Fraction(100, 1)))
    assert first_image(data).shape[:2] == (48, 64)


@pytest.mark.parametrize(
    ("max_side", "shape"), [(32, (24, 32)), (50, (38, 50)), (64, (48, 64)), (1000, (48, 64)), (None, (48, 64))]
)
def test_pictures_are_reduced_to_the_longest_side_and_never_enlarged(
    max_side: int | None, shape: tuple[int, int]
) -> None:
    assert first_image(clips.named("mp4-h264-aac"), max_side=max_side).shape[:2] == shape
    assert first_image(clips.named("png"), max_side=max_side).shape[:2] == shape


def test_a_turned_picture_is_reduced_by_its_longest_side_too() -> None:
    data = film("mov", seconds=0.2, video=VideoSpec(rotation_ccw=90))
    assert first_image(data, max_side=32).shape[:2] == (32, 24)


@pytest.mark.parametrize("size", [(65, 49), (1, 1), (3, 17), (63, 2)])
def test_odd_sizes_are_kept(size: tuple[int, int]) -> None:
    image = first_image(clips.still("png", picture(0.0, *size)))
    assert image.shape[:2] == (size[1], size[0])
    assert image.flags.c_contiguous


def test_an_odd_sized_film_is_kept() -> None:
    spec = VideoSpec(codec="libvpx", width=65, height=49, pix_fmt="yuv420p")
    assert first_image(film("webm", seconds=0.2, video=spec)).shape[:2] == (49, 65)
