"""Pack `core`: faces."""

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
        licence=Licence(spdx="MIT", training_data="WIDER FACE and CelebA (photos from the web, for research)."),
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
_PICTURES = Axis("pictures", 1)
_FACES = Axis("faces", 4)
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
    rgb=(_PICTURES, 3, Axis("rows", 144), Axis("columns", 192)),
    outputs=(
        TensorSpec(
            "boxes",
            (_PICTURES, 4, _CELL_ROWS, _CELL_COLUMNS),
            "float32",
            "offsets of left, top, right, bottom, in sides of the 12 x 12 window that begins at twice the cell",
        ),
        TensorSpec("faces", (_PICTURES, 1, _CELL_ROWS, _CELL_COLUMNS), "float32", _FACES_P),
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


def _mediapipe(  # what differs between the two files of one archive
    name: str,
    *,
    job: Job,
    training_data: str,
    conversion: Conversion,
    member: SourceFile,
    sha256: str,
    size: int,
    rgb: tuple[int | Axis, ...],
    meaning: str,
    outputs: tuple[TensorSpec, ...],
) -> ModelEntry:
    return ModelEntry(
        name=name,
        job=job,
        pack=Pack.CORE,
        licence=Licence(spdx="Apache-2.0", training_data=training_data),
        upstream="https://github.com/google-ai-edge/mediapipe",
        provenance=f"{member.name.rpartition('/')[2]} in the wheel mediapipe 0.10.21, translated here.",
        source=IndexArtefact(
            project="mediapipe",
            version="0.10.21",
            archive=SourceFile(
                name="mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl",
                sha256="05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3",
                size=35_622_638,
            ),
            member=member,
            # One file for every machine: nothing of it is run, and the models in all of them are the same.
            pip_options=(
                *("--only-binary", ":all:", "--platform", "manylinux_2_28_x86_64"),
                *("--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"),
            ),
        ),
        conversion=conversion,
        sha256=sha256,
        size=size,
        inputs=(TensorSpec("rgb", rgb, "float32", meaning),),
        outputs=outputs,
    )


FACEMESH = _mediapipe(
    "facemesh",
    job=Job.FACE_LANDMARKS,
    training_data="About 30,000 photos from telephones, Google's own, not published.",
    conversion=Conversion.FACEMESH,
    member=SourceFile(
        name="mediapipe/modules/face_landmark/face_landmark.tflite",
        sha256="1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
        size=1_242_398,
    ),
    sha256="479a3ad5aa54531bdad4f5e87f74fc081cef817caf4a78b87a97265cb9baa4b3",
    size=2_430_124,
    rgb=(_FACES, 3, 192, 192),
    meaning="RGB in [0, 255]: a square of 1.5 times the face box, turned so that the eyes are level",
    outputs=(
        TensorSpec(
            "points", (_FACES, 468, 3), "float32", "column, row, depth in pixels of the input; depth grows away"
        ),
        TensorSpec("face", (_FACES, 1), "float32", "probability that there is a face"),
    ),
)

BLAZEFACE = _mediapipe(
    "blazeface",
    job=Job.FACE_DETECTOR,
    training_data="About 66,000 photos, Google's own, not published.",
    conversion=Conversion.BLAZEFACE,
    member=SourceFile(
        name="mediapipe/modules/face_detection/face_detection_short_range.tflite",
        sha256="bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
        size=229_714,
    ),
    sha256="cbb20ecc5075690628cd56a1b7435218cbfafef4e94f0297d0eda53667a0d2c3",
    size=470_795,
    rgb=(_PICTURES, 3, 128, 128),
    meaning="RGB in [0, 255]: the whole picture, its sides kept in proportion, black bars where it is not square",
    outputs=(
        TensorSpec(
            "faces",
            (_PICTURES, 896, 16),
            "float32",
            "in sides of the input: centre column and row, width, height, then column and row of six points: "
            "eye on the picture's left, eye on its right, nose tip, mouth, ear on the left, ear on the right",
        ),
        TensorSpec("scores", (_PICTURES, 896, 1), "float32", "probability of a face"),
    ),
)


CORE_FACE: tuple[ModelEntry, ...] = (MTCNN_PNET, MTCNN_RNET, MTCNN_ONET, BLAZEFACE, DLIB_RESNET, FACEMESH)
