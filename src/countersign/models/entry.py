"""What the catalogue says of one model: licence, where it comes from, exact bytes, exact tensors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Literal, TypeAlias

from countersign.core.biometrics import ModelRef


@unique
class Pack(StrEnum):
    """A set of models that is fetched together. `OPERATOR` entries are used only when a person hands the file over."""

    CORE = "core"
    PLUS = "plus"
    OPERATOR = "operator"


@unique
class Job(StrEnum):
    """What a model is for."""

    FACE_DETECTOR = "face detector"
    FACE_EMBEDDER = "face embedder"
    FACE_LANDMARKS = "face landmarks"
    HEAD_POSE = "head pose"
    FACE_ATTACK_DETECTOR = "face attack detector"
    SPEAKER_EMBEDDER = "speaker embedder"
    SPEECH_DETECTOR = "speech detector"
    SPEECH_ATTACK_DETECTOR = "speech attack detector"
    LIPS_AND_SPEECH = "lips and speech"
    KEYWORDS = "keywords"


@unique
class Conversion(StrEnum):
    """How the source becomes the installed ONNX file. The same bytes come out on every machine."""

    NONE = "already ONNX, taken as it is"
    MTCNN_PNET = "MTCNN proposal net, from NumPy arrays"
    MTCNN_RNET = "MTCNN refinement net, from NumPy arrays"
    MTCNN_ONET = "MTCNN output net, from NumPy arrays"
    DLIB_RESNET = "dlib ResNet, from dlib's own serialization"
    GE2E = "GE2E LSTM, from a PyTorch checkpoint"
    FACEMESH = "FaceMesh, from TensorFlow Lite"
    BLAZEFACE = "BlazeFace, from TensorFlow Lite"
    OPENVINO_FACE_REID = "face re-identification, from OpenVINO's representation"
    OPENVINO_HEAD_POSE = "head pose, from OpenVINO's representation"
    FACENET = "InceptionResnetV1, from a PyTorch checkpoint"
    LIGHT_ASD = "Light-ASD, cut down to the half that looks"
    BATCHED = "ONNX, made to take any batch, PReLU spelled out"
    SPELLED = "ONNX, PReLU spelled out"


@dataclass(frozen=True, slots=True)
class Axis:
    """A dimension that may vary.

    Attributes:
        name: for people.
        typical: a usual length, used to warm the model up.
    """

    name: str
    typical: int


Dtype: TypeAlias = Literal["float32", "uint8", "int64"]


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output.

    Attributes:
        name: as in the ONNX file.
        shape: lengths; an `Axis` where the length may vary.
        dtype: NumPy's name of the element type.
        meaning: axes, units, ranges, in words.
    """

    name: str
    shape: tuple[int | Axis, ...]
    dtype: Dtype
    meaning: str = ""

    def __str__(self) -> str:
        lengths = ", ".join(length.name if isinstance(length, Axis) else str(length) for length in self.shape)
        return f"{self.name}: {self.dtype}[{lengths}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """Terms of the weights, and what is known of their training data.

    Attributes:
        spdx: identifier, or a few words where there is none.
        training_data: what it is, and terms on it that a careful operator should know.
        terms: what the operator must accept before the model is installed; None when the licence alone governs.
    """

    spdx: str
    training_data: str
    terms: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One pinned file that a model is made of.

    Attributes:
        name: the file's name.
        sha256: of its bytes, lower-case hexadecimal.
        size: bytes.
        urls: upstream https addresses, tried in order; none where upstream does not offer these bytes, so that a folder
            is the only source.
    """

    name: str
    sha256: str
    size: int
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexArtefact:
    """A member of a pinned archive on the Python package index.

    Attributes:
        project, version: as the index names them.
        archive: the pinned archive.
        member: path inside the archive, and its pinned bytes.
        pip_options: which of the release's archives is meant, in pip's words.
    """

    project: str
    version: str
    archive: SourceFile
    member: SourceFile
    pip_options: tuple[str, ...] = ("--only-binary", ":all:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Pinned files, from a folder or from their upstream addresses; order is what the conversion expects."""

    files: tuple[SourceFile, ...]

    @property
    def folder_only(self) -> bool:
        """Whether upstream does not offer these bytes, so that only a folder can."""
        return any(not file.urls for file in self.files)


Source: TypeAlias = IndexArtefact | Files


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """One model of the catalogue.

    Attributes:
        name: the catalogue's name, stable.
        licence: of the weights.
        upstream: address of the project that made it.
        provenance: how these exact bytes were come by, in words.
        conversion: from the source to the installed file.
        sha256: of the installed file.
        size: of the installed file, bytes.
        inputs, outputs: in the order in which the runtime takes and gives them.
        on_load: from the installed file to ONNX, at every load: for what could not be converted and pinned here, because
            its file cannot be had here.
    """

    name: str
    job: Job
    pack: Pack
    licence: Licence
    upstream: str
    provenance: str
    source: Source
    conversion: Conversion
    sha256: str
    size: int
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    on_load: Conversion = Conversion.NONE

    @property
    def ref(self) -> ModelRef:
        """Names these exact weights."""
        return ModelRef(name=self.name, sha256=self.sha256)
