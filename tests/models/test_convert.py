"""The proof of the conversions: what the originals answered, recorded by scripts/record_vectors.py, is answered here.

Each tolerance is a few times the largest difference that was seen, which stands beside it.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from countersign.core.arrays import Float32Array, Float64Array
from countersign.models.convert.checkpoint import float_weights
from countersign.models.convert.facenet import network
from countersign.models.runtime import Runtime
from tests.models import synthetic

VECTORS = Path(__file__).parent / "vectors"


def _recorded(name: str) -> dict[str, Float32Array]:
    with np.load(VECTORS / f"{name}.npz", allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


def _largest(found: Float32Array, expected: Float32Array | Float64Array) -> float:
    assert found.shape == expected.shape
    return float(np.abs(found - expected).max())


def _sigmoid(logits: Float32Array) -> Float64Array:
    return 1 / (1 + np.exp(-logits.clip(-80, 80).astype(np.float64)))


@pytest.mark.parametrize(("stage", "side"), [("pnet", 48), ("rnet", 24), ("onet", 48)])
def test_mtcnn_answers_as_the_keras_nets_of_its_package(runtime: Runtime, stage: str, side: int) -> None:
    model = runtime.model(f"mtcnn-{stage}")
    outputs = dict(zip([spec.name for spec in model.entry.outputs], model(synthetic.pictures(3, side)), strict=True))
    expected = _recorded(f"mtcnn-{stage}")
    assert outputs.keys() == expected.keys()
    for name, array in expected.items():
        assert _largest(outputs[name], array) < 5e-6  # seen: 4e-7


def test_the_dlib_resnet_describes_a_chip_as_dlib_does(runtime: Runtime) -> None:
    (found,) = runtime.model("dlib-resnet")(synthetic.pictures(1, 150))
    # dlib's rule is that two faces closer than 0.6 are the same person's.
    assert _largest(found, _recorded("dlib-resnet")["embedding"]) < 2e-6  # seen: 3e-7


def test_ge2e_embeds_as_resemblyzers_net_in_pytorch(runtime: Runtime) -> None:
    (found,) = runtime.model("ge2e")(synthetic.mels(2))
    assert _largest(found, _recorded("ge2e")["embedding"]) < 2e-6  # seen: 4e-7
    assert np.linalg.norm(found, axis=1) == pytest.approx(1.0, abs=1e-6)


def test_ge2e_gives_zeros_for_a_window_without_anything_left_and_not_nan(runtime: Runtime) -> None:
    (found,) = runtime.model("ge2e")(np.zeros((1, 160, 40), dtype=np.float32))
    assert np.isfinite(found).all()


def test_facemesh_finds_the_points_that_tensorflow_lite_finds(runtime: Runtime) -> None:
    points, face = runtime.model("facemesh")(synthetic.pictures(4, 192))
    expected = _recorded("facemesh")
    assert _largest(points, expected["conv2d_21"].reshape(3, 468, 3)) < 1e-3  # pixels; seen: 1.4e-4
    assert _largest(face, _sigmoid(expected["conv2d_31"].reshape(3, 1))) < 1e-5  # seen: 3e-8


def test_blazeface_finds_the_faces_that_tensorflow_lite_finds(runtime: Runtime) -> None:
    faces, scores = runtime.model("blazeface")(synthetic.pictures(4, 128))
    expected = _recorded("blazeface")
    assert _largest(scores[:, ::7], _sigmoid(expected["classificators"])) < 1e-5  # seen: 3e-7
    # Width and height carry no anchor; the box's centre and the six points all carry the same one, which is a cell's centre.
    raw = expected["regressors"] / 128
    anchored = faces[:, ::7] - raw
    assert float(np.abs(anchored[..., 2:4]).max()) < 1e-5
    centres = np.concatenate([anchored[..., :2], anchored[..., 4:]], axis=-1).reshape(3, 128, 7, 2)
    assert float(np.abs(centres - centres[:, :, :1]).max()) < 1e-5
    cells = centres[0, :, 0] * np.where(np.arange(0, 896, 7) < 512, 16, 8)[:, None] - 0.5
    assert cells == pytest.approx(cells.round(), abs=1e-3)
    assert int(scores[2].argmax()) == int(scores[2, :, 0].argmax())
    best = faces[2, int(scores[2].argmax())]
    assert best[:2] == pytest.approx([0.5, 0.55], abs=0.1), "the drawn face is in the middle"


def test_head_pose_answers_as_openvino(plus_runtime: Runtime) -> None:
    (found,) = plus_runtime.model("head-pose-adas-0001")(synthetic.pictures(5, 60))
    assert _largest(found, _recorded("head-pose-adas-0001")["angles"]) < 2e-4  # degrees; seen: 3e-5


def test_face_reidentification_answers_as_openvino(plus_runtime: Runtime) -> None:
    (found,) = plus_runtime.model("face-reid-0095")(synthetic.pictures(5, 128))
    assert _largest(found, _recorded("face-reid-0095")["embedding"]) < 1e-5  # seen: 2e-6


@pytest.mark.parametrize(
    ("name", "file", "tensor"),
    [
        ("silentface-27", "2.7_80x80_MiniFASNetV2.onnx", "input.1"),
        ("silentface-40", "4_0_0_80x80_MiniFASNetV1SE.onnx", "input.1"),
        ("facenox", "best_model.onnx", "input"),
    ],
)
def test_a_model_made_to_take_any_batch_answers_as_its_original_does_to_each(
    plus_runtime: Runtime, model_source: Path, name: str, file: str, tensor: str
) -> None:
    (spec,) = plus_runtime.model(name).entry.inputs
    pictures = synthetic.pictures(7, int(str(spec.shape[-1])))
    (found,) = plus_runtime.model(name)(pictures)
    original = ort.InferenceSession(next(model_source.rglob(file)), providers=["CPUExecutionProvider"])
    expected = np.concatenate([original.run(None, {tensor: picture[None]})[0] for picture in pictures])
    assert _largest(found, expected) < 1e-5  # seen: 0


@pytest.mark.parametrize("name", ["dlib-resnet", "facemesh", "ge2e", "blazeface"])
def test_a_batch_gives_what_its_items_give(runtime: Runtime, name: str) -> None:
    model = runtime.model(name)
    (spec,) = model.entry.inputs
    batch = synthetic.mels(8) if name == "ge2e" else synthetic.pictures(8, int(str(spec.shape[-1])))
    together = model(batch)
    for number, item in enumerate(batch):
        for whole, alone in zip(together, model(item[None]), strict=True):
            assert _largest(whole[number : number + 1], alone) < 5e-4


@pytest.mark.slow
def test_facenets_network_answers_as_in_pytorch() -> None:
    # The weights of the VGGFace2 release cannot be had here: the same stand-ins were given to both.
    shapes: dict[str, list[int]] = json.loads((VECTORS / "facenet-shapes.json").read_text())
    session = ort.InferenceSession(network(synthetic.weights(shapes)), providers=["CPUExecutionProvider"])
    found = session.run(None, {"rgb": synthetic.pictures(6, 160)})[0]
    expected = _recorded("facenet")["embedding"]
    assert np.linalg.norm(expected[0] - expected[2]) > 0.05, "the stand-ins tell the inputs apart"
    assert _largest(found, expected) < 1e-5  # seen: 2e-7


@pytest.mark.parametrize("name", ["checkpoint-old", "checkpoint-new"])
def test_checkpoints_of_both_formats_are_read_and_turned_tensors_with_them(name: str) -> None:
    weights = float_weights((VECTORS / f"{name}.pt").read_bytes(), "state")
    assert weights.keys() == {"turned"}, "counts are no weights"
    expected: Float32Array = np.arange(6, dtype=np.float32).reshape(2, 3).T
    assert weights["turned"].tolist() == expected.tolist()


def test_a_checkpoint_that_names_a_function_is_refused_and_the_function_is_not_called() -> None:
    malicious = b"cos\nsystem\n(S'exit 1'\ntR."
    with pytest.raises(ValueError, match=r"names os\.system"):
        float_weights(malicious)
