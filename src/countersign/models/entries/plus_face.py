"""Pack `plus`: faces."""

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

_RAW = "https://raw.githubusercontent.com"
_FACES = Axis("faces", 4)
_ANCHORS = Axis("anchors", 400)
_FOLDER_ONLY = "Upstream offers only {original}; the ONNX file is our own translation, so a folder is its only source."

YUNET = ModelEntry(
    name="yunet",
    job=Job.FACE_DETECTOR,
    pack=Pack.PLUS,
    licence=Licence(spdx="MIT", training_data="WIDER FACE (photos from the web, for research)."),
    upstream="https://github.com/opencv/opencv_zoo",
    provenance="OpenCV's model zoo, release of May 2026, dynamic shapes.",
    source=Files(
        files=(
            SourceFile(
                name="face_detection_yunet_2026may.onnx",
                sha256="ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0",
                size=229_738,
                urls=(
                    "https://media.githubusercontent.com/media/opencv/opencv_zoo/"
                    "47534e27c9851bb1128ccc0102f1145e27f23f98/models/face_detection_yunet/"
                    "face_detection_yunet_2026may.onnx",
                    f"{_RAW}/RuDr8A/RealTime-PPE-Compliance/d876a822bbb20180b9ed7850c1d3229d72883067/"
                    "face_detection_yunet_2026may.onnx",
                ),
            ),
        )
    ),
    conversion=Conversion.NONE,
    sha256="ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0",
    size=229_738,
    inputs=(
        TensorSpec(
            "input",
            (1, 3, Axis("height", 320), Axis("width", 320)),
            "float32",
            "BGR in [0, 255]; height and width multiples of 32",
        ),
    ),
    outputs=tuple(
        TensorSpec(f"{kind}_{stride}", (1, _ANCHORS, depth), "float32", f"{meaning} at stride {stride}")
        for kind, depth, meaning in (
            ("cls", 1, "class score in [0, 1]"),
            ("obj", 1, "objectness in [0, 1]"),
            ("bbox", 4, "box: centre offsets and log sizes, in strides"),
            ("kps", 10, "five points as offsets, in strides: right eye, left eye, nose, right and left mouth corner"),
        )
        for stride in (8, 16, 32)
    ),
)

_REID = (
    f"{_RAW}/MisterFoziljon/OpenVino-Face-Recognition/93a6a9503d2ec545502a496f64ec2f7df45db312/models/"
    "face-reidentification-retail-0095/FP16/face-reidentification-retail-0095"
)
_REID_ZOO = (
    "https://storage.openvinotoolkit.org/repositories/open_model_zoo/2023.0/models_bin/1/"
    "face-reidentification-retail-0095/FP16/face-reidentification-retail-0095"
)

FACE_REID = ModelEntry(
    name="face-reid-0095",
    job=Job.FACE_EMBEDDER,
    pack=Pack.PLUS,
    licence=Licence(spdx="Apache-2.0", training_data="Not published by its makers."),
    upstream="https://github.com/openvinotoolkit/open_model_zoo",
    provenance="face-reidentification-retail-0095 of Intel's Open Model Zoo, 16-bit build, translated here.",
    source=Files(
        files=(
            SourceFile(
                name="face-reidentification-retail-0095.bin",
                sha256="241229ca3d206321868d46ce74a3c0b06c49cea58db7dc70b2e842ff287545d1",
                size=2_213_628,
                urls=(f"{_REID_ZOO}.bin", f"{_REID}.bin"),
            ),
            SourceFile(
                name="face-reidentification-retail-0095.xml",
                sha256="ce53d2c9c08c0bd1c1660fb8a5b6d0e3e4ec19eb92f1036d2d83a85e83082dce",
                size=350_427,
                urls=(f"{_REID_ZOO}.xml", f"{_REID}.xml"),
            ),
        )
    ),
    conversion=Conversion.OPENVINO_FACE_REID,
    sha256="ab061799212941210fd0f32964f6ce576f7da1e48e0a6daceeaf14c6dce56383",
    size=4_445_028,
    inputs=(
        TensorSpec("bgr", (_FACES, 3, 128, 128), "float32", "BGR in [0, 255], aligned to the model's five points"),
    ),
    outputs=(TensorSpec("embedding", (_FACES, 256), "float32", "not of unit length; compared by cosine"),),
)

_POSE = (
    f"{_RAW}/Dewalade1/computer-pointer-controller/d3ba06360bdc962300ed1077c7f65b4f76dcc9fe/intel/"
    "head-pose-estimation-adas-0001/FP16/head-pose-estimation-adas-0001"
)

HEAD_POSE = ModelEntry(
    name="head-pose-adas-0001",
    job=Job.HEAD_POSE,
    pack=Pack.PLUS,
    licence=Licence(spdx="Apache-2.0", training_data="Not published by its makers."),
    upstream="https://github.com/openvinotoolkit/open_model_zoo",
    provenance="head-pose-estimation-adas-0001 of Intel's Open Model Zoo, an early 16-bit build, translated here.",
    source=Files(
        files=(
            SourceFile(
                name="head-pose-estimation-adas-0001.bin",
                sha256="3616849b370b235e54b88798c053fc482cd5665faa569ee0c0d6435405d476be",
                size=3_823_810,
                urls=(f"{_POSE}.bin",),
            ),
            SourceFile(
                name="head-pose-estimation-adas-0001.xml",
                sha256="e0d5d81eb47e1c5e89c43f7cd6c40c4eb14b122015e49d6e36eb88e11571f684",
                size=50_582,
                urls=(f"{_POSE}.xml",),
            ),
        )
    ),
    conversion=Conversion.OPENVINO_HEAD_POSE,
    sha256="30964c421b2c931543a62d6013dbae0b82f7ce04490813a0194458a57186d1e3",
    size=7_650_595,
    inputs=(TensorSpec("bgr", (_FACES, 3, 60, 60), "float32", "BGR in [0, 255], the face box"),),
    outputs=(TensorSpec("angles", (_FACES, 3), "float32", "yaw, pitch, roll in degrees, in the makers' signs"),),
)


def _silentface(
    name: str, *, file: SourceFile, scale: str, tensors: tuple[str, str], sha256: str, size: int
) -> ModelEntry:
    return ModelEntry(
        name=name,
        job=Job.FACE_ATTACK_DETECTOR,
        pack=Pack.PLUS,
        licence=Licence(spdx="Apache-2.0", training_data="The makers' own, not published."),
        upstream="https://github.com/minivision-ai/Silent-Face-Anti-Spoofing",
        provenance=_FOLDER_ONLY.format(original="a PyTorch checkpoint (commit b6d5f04a)"),
        source=Files(files=(file,)),
        conversion=Conversion.BATCHED,
        sha256=sha256,
        size=size,
        inputs=(
            TensorSpec(tensors[0], (_FACES, 3, 80, 80), "float32", f"BGR in [0, 255], {scale} times the face box"),
        ),
        outputs=(TensorSpec(tensors[1], (_FACES, 3), "float32", "logits; index 1 is bona fide"),),
    )


SILENTFACE_27 = _silentface(
    "silentface-27",
    file=SourceFile(
        name="2.7_80x80_MiniFASNetV2.onnx",
        sha256="7bbec0da4ca132de66c4601becda71d2882eaa2bda8501b3db894e7618b50d76",
        size=1_743_533,
    ),
    scale="2.7",
    tensors=("input.1", "556"),
    sha256="4baea2a3270ec5f4dccb6007e404be1df9dfbc39c4c1c7f7ce0f3dcd8ed5d16d",
    size=1_744_220,
)

SILENTFACE_40 = _silentface(
    "silentface-40",
    file=SourceFile(
        name="4_0_0_80x80_MiniFASNetV1SE.onnx",
        sha256="ca3f80aceda99cddf6ae0aaa285e9fb3a85d78d7901a0b89c7f0594855cd1128",
        size=1_742_701,
    ),
    scale="4.0",
    tensors=("input.1", "616"),
    sha256="5420402545bab05ae01cf7f46ec6ec71209c1393195232bbc1e531d6ffcbe4a8",
    size=1_743_388,
)

FACENOX = ModelEntry(
    name="facenox",
    job=Job.FACE_ATTACK_DETECTOR,
    pack=Pack.PLUS,
    licence=Licence(spdx="Apache-2.0", training_data="CelebA-Spoof: non-commercial research only."),
    upstream="https://github.com/facenox/face-antispoof-onnx",
    provenance="The authors' own ONNX export, release 98.20.",
    source=Files(
        files=(
            SourceFile(
                name="best_model.onnx",
                sha256="af2381b88f38769222ed93379e12444e2a50814575de1c46170de570c55a42b6",
                size=1_912_594,
                urls=(
                    f"{_RAW}/facenox/face-antispoof-onnx/2b9830bb0eccafddcf0abcedf5c6ad506f0a1142/"
                    "models/best/98.20/best_model.onnx",
                    f"{_RAW}/johnraivenolazo/face-antispoof-onnx/2b9830bb0eccafddcf0abcedf5c6ad506f0a1142/"
                    "models/best/98.20/best_model.onnx",
                ),
            ),
        )
    ),
    conversion=Conversion.SPELLED,
    sha256="9d2d9317387e787df70729fed399cdf411bc6109855abe91a214124c97e1873c",
    size=1_913_273,
    inputs=(TensorSpec("input", (_FACES, 3, 128, 128), "float32", "RGB in [0, 1], square crop"),),
    outputs=(TensorSpec("output", (_FACES, 2), "float32", "logits: bona fide, attack"),),
)


PLUS_FACE: tuple[ModelEntry, ...] = (YUNET, FACE_REID, HEAD_POSE, SILENTFACE_27, SILENTFACE_40, FACENOX)
