"""Pack `core`: what Python package registries carry, so that a fresh machine needs no other source."""

from __future__ import annotations

from countersign.models.entry import (
    Axis,
    Conversion,
    IndexArtefact,
    Job,
    Licence,
    ModelEntry,
    Pack,
    SourceFile,
    TensorSpec,
)

_FACES = Axis("faces", 4)
_WINDOWS = Axis("windows", 8)

SILERO_VAD = ModelEntry(
    name="silero-vad",
    job=Job.SPEECH_DETECTOR,
    pack=Pack.CORE,
    licence=Licence(spdx="MIT", training_data="Not published by its makers; over 6,000 languages are claimed."),
    upstream="https://github.com/snakers4/silero-vad",
    provenance="The authors' own export for whole sequences, from the wheel silero-vad 6.2.3.",
    source=IndexArtefact(
        project="silero-vad",
        version="6.2.3",
        archive=SourceFile(
            name="silero_vad-6.2.3-py3-none-any.whl",
            sha256="7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8",
            size=11_317_527,
        ),
        member=SourceFile(
            name="silero_vad/data/silero_vad_16k_sequence.onnx",
            sha256="9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85",
            size=1_246_165,
        ),
    ),
    conversion=Conversion.NONE,
    sha256="9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85",
    size=1_246_165,
    inputs=(
        TensorSpec(
            "input",
            (_WINDOWS, 576),
            "float32",
            "16 kHz sound in [-1, 1]: each row 512 new samples after the 64 before them (zeros before the first)",
        ),
        TensorSpec("h", (1, 1, 128), "float32", "LSTM state, zeros at the start"),
        TensorSpec("c", (1, 1, 128), "float32", "LSTM state, zeros at the start"),
    ),
    outputs=(
        TensorSpec("speech_probs", (_WINDOWS,), "float32", "probability of speech, one a row (32 ms)"),
        TensorSpec("hn", (1, 1, 128), "float32", "LSTM state at the end"),
        TensorSpec("cn", (1, 1, 128), "float32", "LSTM state at the end"),
    ),
)

GE2E = ModelEntry(
    name="ge2e",
    job=Job.SPEAKER_EMBEDDER,
    pack=Pack.CORE,
    licence=Licence(
        spdx="Apache-2.0",
        training_data="LibriSpeech other (CC BY 4.0), VoxCeleb 1 and 2 (speech from the web, for research).",
    ),
    upstream="https://github.com/resemble-ai/Resemblyzer",
    provenance="The checkpoint inside the wheel Resemblyzer 0.1.4, translated here.",
    source=IndexArtefact(
        project="Resemblyzer",
        version="0.1.4",
        archive=SourceFile(
            name="Resemblyzer-0.1.4-py3-none-any.whl",
            sha256="8f12eb2f1a9982d32e8db7856de754709b59c93a77bcf0ff536584b619a9dd1f",
            size=15_747_704,
        ),
        member=SourceFile(
            name="resemblyzer/pretrained.pt",
            sha256="39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e",
            size=17_090_379,
        ),
    ),
    conversion=Conversion.GE2E,
    sha256="10530f4f4a937d8f44b6b925e7265c5192d98b7aac8bc2225fa4feb386300993",
    size=5_695_305,
    inputs=(
        TensorSpec(
            "mels",
            (_WINDOWS, Axis("frames", 160), 40),
            "float32",
            "mel power spectrogram, 40 channels, 25 ms windows every 10 ms; trained on 160 frames (1.6 s)",
        ),
    ),
    outputs=(TensorSpec("embedding", (_WINDOWS, 256), "float32", "unit vectors, no element below zero"),),
)


def _mtcnn(
    stage: str,
    *,
    conversion: Conversion,
    member: SourceFile,
    sha256: str,
    size: int,
    rgb: tuple[int | Axis, ...],
    outputs: tuple[TensorSpec, ...],
) -> ModelEntry:
    return ModelEntry(
        name=f"mtcnn-{stage}",
        job=Job.FACE_DETECTOR,
        pack=Pack.CORE,
        licence=Licence(
            spdx="MIT", training_data="WIDER FACE, CelebA and LFW's landmark set (photos from the web, for research)."
        ),
        upstream="https://github.com/ipazc/mtcnn",
        provenance=f"NumPy arrays {stage}.lz4 in the wheel mtcnn 1.0.0, translated here.",
        source=IndexArtefact(
            project="mtcnn",
            version="1.0.0",
            archive=SourceFile(
                name="mtcnn-1.0.0-py3-none-any.whl",
                sha256="0a96b4868e56db9ae984449519642be6dba03240e608a67e928ebb47833e9144",
                size=1_898_606,
            ),
            member=member,
        ),
        conversion=conversion,
        sha256=sha256,
        size=size,
        inputs=(TensorSpec("rgb", rgb, "float32", "RGB in [0, 255], upright"),),
        outputs=outputs,
    )


_CROPS = Axis("crops", 16)
_CELL_ROWS, _CELL_COLUMNS = Axis("cell_rows", 67), Axis("cell_columns", 91)
_BOXES = "offsets of left, top, right, bottom, in sides of the crop"
_FACES_P = "probability of a face"

MTCNN_PNET = _mtcnn(
    "pnet",
    conversion=Conversion.MTCNN_PNET,
    member=SourceFile(
        name="mtcnn/assets/weights/pnet.lz4",
        sha256="ea6b0c3e685ebee3165326ad6484acc95f2ef78f1c94fbf40a55704fa989f7b5",
        size=27_119,
    ),
    sha256="f3f791d547ec2ff9b11d9f631cb5ab5aa967f6ab1a2d965fc00ba71fc3f5cde7",
    size=27_529,
    rgb=(Axis("pictures", 1), 3, Axis("rows", 144), Axis("columns", 192)),
    outputs=(
        TensorSpec(
            "boxes",
            (Axis("pictures", 1), 4, _CELL_ROWS, _CELL_COLUMNS),
            "float32",
            "offsets of left, top, right, bottom, in sides of the 12 x 12 window that begins at twice the cell",
        ),
        TensorSpec("faces", (Axis("pictures", 1), 1, _CELL_ROWS, _CELL_COLUMNS), "float32", _FACES_P),
    ),
)

MTCNN_RNET = _mtcnn(
    "rnet",
    conversion=Conversion.MTCNN_RNET,
    member=SourceFile(
        name="mtcnn/assets/weights/rnet.lz4",
        sha256="cb00e6460f3c98b0bfafaba3c0a0ded4bdf6e62cee7174d969e8670d7e757fee",
        size=401_659,
    ),
    sha256="72883dbaeaad5daf65185839ddf22ec89a954ef9b92678a08663b67f0aa43bc7",
    size=402_042,
    rgb=(_CROPS, 3, 24, 24),
    outputs=(
        TensorSpec("boxes", (_CROPS, 4), "float32", _BOXES),
        TensorSpec("faces", (_CROPS, 1), "float32", _FACES_P),
    ),
)

MTCNN_ONET = _mtcnn(
    "onet",
    conversion=Conversion.MTCNN_ONET,
    member=SourceFile(
        name="mtcnn/assets/weights/onet.lz4",
        sha256="94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3",
        size=1_557_637,
    ),
    sha256="576ae3b2f556fa6a9cf4ba94a6f50dbde46a4e8ecdd945f5c5c31b7ad1f8f8bf",
    size=1_557_674,
    rgb=(_CROPS, 3, 48, 48),
    outputs=(
        TensorSpec("boxes", (_CROPS, 4), "float32", _BOXES),
        TensorSpec(
            "points",
            (_CROPS, 10),
            "float32",
            "five x, then five y, in sides of the crop: eye on the picture's left, eye on its right, nose, mouth left, right",
        ),
        TensorSpec("faces", (_CROPS, 1), "float32", _FACES_P),
    ),
)

DLIB_RESNET = ModelEntry(
    name="dlib-resnet",
    job=Job.FACE_EMBEDDER,
    pack=Pack.CORE,
    licence=Licence(
        spdx="CC0-1.0",
        training_data="About 3 million photos of 7,485 people: FaceScrub, VGG-Face and photos from the web, for research.",
    ),
    upstream="https://github.com/davisking/dlib-models",
    provenance="dlib_face_recognition_resnet_model_v1.dat in the sdist face_recognition_models 0.3.0, translated here.",
    source=IndexArtefact(
        project="face_recognition_models",
        version="0.3.0",
        archive=SourceFile(
            name="face_recognition_models-0.3.0.tar.gz",
            sha256="b79bd200a88c87c9a9d446c990ae71c5a626d1f3730174e6d570157ff1d896cf",
            size=100_149_358,
        ),
        member=SourceFile(
            name="face_recognition_models-0.3.0/face_recognition_models/models/"
            "dlib_face_recognition_resnet_model_v1.dat",
            sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
            size=22_466_066,
        ),
        pip_options=("--no-binary", "face_recognition_models", "--no-build-isolation", "--use-pep517"),
    ),
    conversion=Conversion.DLIB_RESNET,
    sha256="21d4fbf9d62cd956951628b14aaeea28c1661509ffedf4d5d3dd649319bd7529",
    size=22_435_539,
    inputs=(
        TensorSpec(
            "rgb",
            (_FACES, 3, 150, 150),
            "float32",
            "RGB in [0, 255], aligned as dlib's get_face_chip does with padding 0.25",
        ),
    ),
    outputs=(
        TensorSpec("embedding", (_FACES, 128), "float32", "not of unit length; compared by Euclidean distance, 0.6"),
    ),
)

CORE: tuple[ModelEntry, ...] = (MTCNN_PNET, MTCNN_RNET, MTCNN_ONET, DLIB_RESNET, GE2E, SILERO_VAD)
