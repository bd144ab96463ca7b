"""Recognisers that an operator may want and hands over: used when their terms are accepted and their file is given."""

from __future__ import annotations

from countersign.models.entry import (
    Axis,
    Conversion,
    Files,
    Job,
    Licence,
    ModelEntry,
    Pack,
    SourceFile,
    TensorSpec,
)

_FACES = Axis("faces", 1)

FACENET_VGGFACE2 = ModelEntry(
    name="facenet-vggface2",
    job=Job.FACE_EMBEDDER,
    pack=Pack.OPERATOR,
    licence=Licence(
        spdx="MIT",
        training_data="VGGFace2: 3.3 million photos of 9,131 people from the web, for research; withdrawn by its makers.",
        terms="VGGFace2 was given out for non-commercial research; whether weights trained on it may be used for more is "
        "not settled",
    ),
    upstream="https://github.com/timesler/facenet-pytorch",
    provenance="InceptionResnetV1 of facenet-pytorch, release v2.2.9. The file could not be had where this catalogue was "
    "written: its hash is the one that several independent projects pin, and the translation is proved on the same "
    "network with other weights.",
    source=Files(
        files=(
            SourceFile(
                name="20180402-114759-vggface2.pt",
                sha256="281cebca8662831adb987a874bdcb36e73f5b1c6dc5ee5878f305e985625d99b",
                size=111_898_327,
                urls=(
                    "https://github.com/timesler/facenet-pytorch/releases/download/v2.2.9/20180402-114759-vggface2.pt",
                ),
            ),
        )
    ),
    conversion=Conversion.NONE,
    sha256="281cebca8662831adb987a874bdcb36e73f5b1c6dc5ee5878f305e985625d99b",
    size=111_898_327,
    inputs=(TensorSpec("rgb", (_FACES, 3, 160, 160), "float32", "RGB in [0, 255], the detector's box scaled"),),
    outputs=(TensorSpec("embedding", (_FACES, 512), "float32", "unit vectors"),),
    on_load=Conversion.FACENET,
)

SFACE = ModelEntry(
    name="sface",
    job=Job.FACE_EMBEDDER,
    pack=Pack.OPERATOR,
    licence=Licence(
        spdx="Apache-2.0",
        training_data="CASIA-WebFace, VGGFace2 or MS-Celeb-1M (the paper trains on all three), for research.",
        terms="its training sets were given out for non-commercial research; whether weights trained on them may be used "
        "for more is not settled",
    ),
    upstream="https://github.com/opencv/opencv_zoo",
    provenance="face_recognition_sface_2021dec.onnx of OpenCV's model zoo; hash and size from the zoo's own Git LFS "
    "pointer (commit 966be4cb). The file could not be had where this catalogue was written.",
    source=Files(
        files=(
            SourceFile(
                name="face_recognition_sface_2021dec.onnx",
                sha256="0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
                size=38_696_353,
                urls=(
                    "https://media.githubusercontent.com/media/opencv/opencv_zoo/"
                    "966be4cb6eefc2a4f586ed0581bf4bbaa2533070/models/face_recognition_sface/"
                    "face_recognition_sface_2021dec.onnx",
                ),
            ),
        )
    ),
    conversion=Conversion.NONE,
    sha256="0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
    size=38_696_353,
    inputs=(TensorSpec("data", (1, 3, 112, 112), "float32", "RGB in [0, 255], aligned to ArcFace's five points"),),
    outputs=(TensorSpec("fc1", (1, 128), "float32", "not of unit length; compared by cosine"),),
)

OPERATOR: tuple[ModelEntry, ...] = (FACENET_VGGFACE2, SFACE)
