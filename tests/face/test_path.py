"""From a picture to samples, or to the reason why not; with the models of each pack."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.arrays import UInt8Array
from countersign.core.biometrics import FaceSample, Modality
from countersign.core.errors import ErrorCode, ModelError
from countersign.core.samples import Capture, VideoClip
from countersign.face.path import EMBEDDED, FacePath
from countersign.media.decode import decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from tests.face.pictures import film, people, photo, placed, portraits, profiles, scaled, sitters, still


def reason(path: FacePath, clip: VideoClip) -> AcquisitionReason:
    failed = path.extract(clip)
    assert isinstance(failed, FailureToAcquire)
    assert failed.modality is Modality.FACE
    assert failed.detail
    return failed.reason


def samples_of(path: FacePath, clip: VideoClip) -> tuple[FaceSample, ...]:
    found = path.extract(clip)
    assert isinstance(found, tuple), found
    return found


def side_by_side(samples: Path) -> UInt8Array:
    return np.hstack(sitters(samples, count=2))


def test_a_photo_gives_one_sample_with_its_pose_and_quality(path: FacePath, samples: Path) -> None:
    (image,) = portraits(samples, count=1)
    (sample,) = samples_of(path, still(image))
    assert sample.embedding.model == path.model
    assert sample.embedding.modality is Modality.FACE
    assert abs(sample.pose.yaw) < 60
    assert 25 < sample.quality.inter_eye_px < 80
    assert 0 < sample.quality.brightness < 1


def test_people_are_more_like_themselves_than_like_each_other(path: FacePath, samples: Path) -> None:
    vectors = [
        [samples_of(path, still(photo(file)))[0].embedding.vector for file in sorted(person.iterdir())[:3]]
        for person in people(samples / "faces/lfw")[4:9]
    ]
    likeness = np.einsum("aid,bjd->abij", np.array(vectors), np.array(vectors))
    for one in range(len(vectors)):
        mates = likeness[one, one][np.triu_indices(3, 1)].mean()
        strangers = np.delete(likeness[one], one, axis=0).mean()
        assert mates > strangers + 0.03


def test_every_profile_is_acquired(path: FacePath, samples: Path) -> None:
    for image in profiles(samples, count=6):
        (sample,) = samples_of(path, still(image))
        assert abs(sample.pose.yaw) > 20


def test_a_recording_gives_up_to_eight_samples_of_one_person(path: FacePath, samples: Path) -> None:
    clip = min((samples / "av/grid/s1").glob("*.mpg"))
    recording = decode(Capture(data=clip.read_bytes(), name=clip.name))
    assert recording.video is not None
    found = samples_of(path, recording.video)
    vectors = np.stack([sample.embedding.vector for sample in found])
    assert len(found) == EMBEDDED
    assert (vectors @ vectors.T).min() > 0.8


def test_extraction_is_repeatable(path: FacePath, samples: Path) -> None:
    (image,) = portraits(samples, count=1)
    one, other = (samples_of(path, still(image))[0].embedding.vector for _ in range(2))
    assert np.array_equal(one, other)


def test_no_face_is_no_face_in_a_photo_and_in_a_recording(path: FacePath) -> None:
    noise = np.random.default_rng(0).integers(60, 200, (240, 320, 3), dtype=np.uint8)
    assert reason(path, still(noise)) is AcquisitionReason.NO_FACE
    assert reason(path, film([noise] * 3)) is AcquisitionReason.NO_FACE


def test_two_people_are_several_faces_and_none_wins(path: FacePath, samples: Path) -> None:
    both = side_by_side(samples)
    assert reason(path, still(both)) is AcquisitionReason.SEVERAL_FACES
    assert reason(path, film([both] * 3)) is AcquisitionReason.SEVERAL_FACES


def test_a_bystander_far_behind_does_not_count(path: FacePath, samples: Path) -> None:
    one, other = sitters(samples, count=2)
    picture = placed(scaled(one, 1.8), column=280, row=260)
    picture[20:120, 500:590] = scaled(other, 0.5)
    assert len(samples_of(path, still(picture))) == 1
    assert len(samples_of(path, film([picture] * 3))) == 3


def test_a_face_of_a_few_pixels_is_too_small(path: FacePath, samples: Path) -> None:
    (image,) = portraits(samples, count=1)
    far_away = placed(scaled(image, 0.18), column=320, row=240)
    assert reason(path, still(far_away)) is AcquisitionReason.FACE_TOO_SMALL
    assert reason(path, film([far_away] * 3)) is AcquisitionReason.FACE_TOO_SMALL


def test_a_face_in_the_dark_is_too_dark(path: FacePath, samples: Path) -> None:
    (image,) = portraits(samples, count=1)
    assert reason(path, still((image * 0.03).astype(np.uint8))) is AcquisitionReason.TOO_DARK
    assert reason(path, film([(image * 0.03).astype(np.uint8)] * 3)) is AcquisitionReason.TOO_DARK


def test_a_face_in_glaring_light_is_too_bright(path: FacePath, samples: Path) -> None:
    (image,) = portraits(samples, count=1)
    assert reason(path, still((255 - (255 - image) * 0.04).astype(np.uint8))) is AcquisitionReason.TOO_BRIGHT


def test_a_face_out_of_focus_is_blurred(path: FacePath, samples: Path) -> None:
    (image,) = portraits(samples, count=1)
    assert reason(path, still(np.asarray(cv2.GaussianBlur(image, (0, 0), 6.0), np.uint8))) is AcquisitionReason.BLURRED


def test_real_pictures_are_hardly_ever_refused(path: FacePath, samples: Path) -> None:
    files = [max(person.iterdir()) for person in people(samples / "faces/lfw")]
    files += [file for person in people(samples / "faces/nuaa/db/ClientRaw") for file in sorted(person.iterdir())[:3]]
    assert [file.name for file in files if isinstance(path.extract(still(photo(file))), FailureToAcquire)] == []


def test_another_embedder_is_used_once_its_file_is_there(runtime: Runtime, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as error:
        FacePath.load(Runtime(ModelStore(tmp_path)), pack=Pack.CORE)
    assert error.value.code is ErrorCode.MODEL_MISSING
    swapped = FacePath.load(runtime, pack=Pack.CORE, embedder="dlib-resnet")
    assert swapped.model.name == "dlib-resnet"
