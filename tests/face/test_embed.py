"""Embeddings: of the face, not of how the picture was taken."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from countersign.core.biometrics import ModelRef
from countersign.core.errors import ErrorCode, ModelError
from countersign.face.align import Template
from countersign.face.embed import PREPARATIONS, FaceEmbedder, Preparation, View
from countersign.face.path import FacePath
from countersign.models.runtime import Model, Runtime
from tests.face.pictures import mirrored, portraits, still, turned

SIDE = 8
TEMPLATE = Template(side=SIDE, points=np.array([(2, 2), (6, 2), (4, 4), (2, 6), (6, 6)], dtype=np.float64))
POINTS = TEMPLATE.points.astype(np.float32)


class _Recorder:
    """A model that answers with the mean of each colour and keeps what it was given."""

    ref = ModelRef(name="recorder", sha256="00" * 32)

    def __init__(self) -> None:
        self.batches: list[NDArray[np.float32]] = []

    def __call__(self, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32]]:
        self.batches.append(batch)
        halves = batch.reshape(len(batch), 3, SIDE, 2, SIDE // 2).mean(axis=(2, 4))
        return (halves.reshape(len(batch), 6) + 1e-3,)


def embedder(**how: object) -> tuple[FaceEmbedder, _Recorder]:
    recorder = _Recorder()
    preparation = Preparation(template=TEMPLATE, **how)  # type: ignore[arg-type]
    return FaceEmbedder(cast("Model", recorder), preparation), recorder


def red(column: int = 0) -> View:
    image = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)
    image[:, column:, 0] = 255
    return View(image=image, points=POINTS, weight=1.0)


def test_a_model_gets_its_colours_in_its_order() -> None:
    rgb, kept = embedder()
    rgb.embed([[red()]])
    assert kept.batches[0][0].mean(axis=(1, 2)) == pytest.approx([255, 0, 0])
    bgr, kept = embedder(bgr=True)
    bgr.embed([[red()]])
    assert kept.batches[0][0].mean(axis=(1, 2)) == pytest.approx([0, 0, 255])


def test_all_views_of_all_faces_go_in_one_batch() -> None:
    plain, kept = embedder()
    made = plain.embed([[red(), red(2)], [red(4)]])
    assert len(made) == 2
    assert [len(batch) for batch in kept.batches] == [3]


def test_a_model_that_takes_one_face_at_a_time_gets_one_at_a_time() -> None:
    together, _ = embedder()
    singly, kept = embedder(singly=True)
    faces = [[red()], [red(2), red(4)]]
    assert [made.vector.tolist() for made in singly.embed(faces)] == [
        made.vector.tolist() for made in together.embed(faces)
    ]
    assert [len(batch) for batch in kept.batches] == [1, 1, 1]


def test_a_mirrored_face_embeds_alike_where_the_model_is_shown_both_ways() -> None:
    both, _ = embedder(mirrored=True)
    one, other = both.embed([[red(4)], [View(image=mirrored(red(4).image), points=POINTS, weight=1.0)]])
    assert float(one.vector @ other.vector) == pytest.approx(1.0)


def test_a_view_counts_with_its_weight() -> None:
    plain, _ = embedder()
    alone, both, skewed = plain.embed(
        [[red()], [red(), red(4)], [red(), View(image=red(4).image, points=POINTS, weight=1e-3)]]
    )
    assert float(alone.vector @ skewed.vector) > float(alone.vector @ both.vector)


def test_no_face_is_no_work() -> None:
    plain, kept = embedder()
    assert plain.embed([]) == ()
    assert not kept.batches


def test_a_batch_gives_what_one_by_one_gives(path: FacePath, samples: Path) -> None:
    side = 250.0
    points = np.array([(105, 112), (146, 112), (125, 135), (108, 158), (143, 158)], dtype=np.float32)
    views = [[View(image=image, points=points * image.shape[1] / side, weight=1.0)] for image in portraits(samples)]
    together = path.embedder.embed(views)
    singly = [path.embedder.embed([view])[0] for view in views]
    assert np.stack([made.vector for made in together]) == pytest.approx(
        np.stack([made.vector for made in singly]), abs=1e-5
    )


def test_tilting_the_head_by_15_degrees_keeps_the_embedding(path: FacePath, samples: Path) -> None:
    mates, strangers = [], []
    images = portraits(samples, count=4)
    upright = [_vector(path, image) for image in images]
    for index, image in enumerate(images):
        tilted = _vector(path, turned(image, 15.0 if index % 2 else -15.0))
        likeness = [float(tilted @ vector) for vector in upright]
        mates.append(likeness.pop(index))
        strangers.extend(likeness)
    assert min(mates) > max(strangers)
    assert min(mates) > {"dlib-resnet": 0.97, "face-reid-0095": 0.85}[path.model.name]


def test_facenet_and_sface_are_known_and_a_stranger_is_not(runtime: Runtime) -> None:
    assert {"facenet-vggface2", "sface"} <= PREPARATIONS.keys()
    with pytest.raises(ModelError) as error:
        FaceEmbedder.load(runtime, "silero-vad")
    assert error.value.code is ErrorCode.MODEL_UNKNOWN


def _vector(path: FacePath, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    samples = path.extract(still(image))
    assert isinstance(samples, tuple)
    return samples[0].embedding.vector
