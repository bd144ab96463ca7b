"""Pack `plus`: voices, and lips with voices."""

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

_FOLDER_ONLY = "Upstream offers only {original}; the ONNX file is our own translation, so a folder is its only source."


def _aasist(name: str, *, file: SourceFile, published: str) -> ModelEntry:
    return ModelEntry(
        name=name,
        job=Job.SPEECH_ATTACK_DETECTOR,
        pack=Pack.PLUS,
        licence=Licence(spdx="MIT", training_data="ASVspoof 2019 LA (ODC-BY), built on VCTK."),
        upstream="https://github.com/clovaai/aasist",
        provenance=_FOLDER_ONLY.format(original="a PyTorch checkpoint (commit a04c9863)") + f" Published {published}.",
        source=Files(files=(file,)),
        conversion=Conversion.NONE,
        sha256=file.sha256,
        size=file.size,
        inputs=(TensorSpec("wav", (1, 64_600), "float32", "16 kHz sound in [-1, 1], repeated to fill 4.04 s"),),
        outputs=(
            TensorSpec("emb", (1, 160), "float32", "embedding before the last layer"),
            TensorSpec("logits", (1, 2), "float32", "index 1 is bona fide"),
        ),
    )


AASIST = _aasist(
    "aasist",
    file=SourceFile(
        name="AASIST.onnx",
        sha256="2f34f889d61970d417c06940f474cfa1e9ac252d33bddb97b8c4b3448ee8cf78",
        size=1_471_436,
    ),
    published="EER 0.83 % (ASVspoof 2019 LA)",
)

AASIST_L = _aasist(
    "aasist-l",
    file=SourceFile(
        name="AASIST-L.onnx",
        sha256="5378569176fd4e16b9eed04d4dd4e12792446c05547f3a75246264e330783d7d",
        size=618_341,
    ),
    published="EER 0.99 % (ASVspoof 2019 LA)",
)

LIGHT_ASD = ModelEntry(
    name="light-asd",
    job=Job.LIPS_AND_SPEECH,
    pack=Pack.PLUS,
    licence=Licence(
        spdx="MIT",
        training_data="AVA-ActiveSpeaker and TalkSet (VoxCeleb2, LRS3): several parts are for research only.",
    ),
    upstream="https://github.com/Junhua-Liao/Light-ASD",
    provenance=_FOLDER_ONLY.format(original="a PyTorch checkpoint (commit ed38c232)"),
    source=Files(
        files=(
            SourceFile(
                name="lightasd.onnx",
                sha256="b3858c5620b29a2e8decbaeb94a947e883a94e1ee8f437b6f2557f790d383782",
                size=4_107_054,
            ),
        )
    ),
    conversion=Conversion.LIGHT_ASD,
    sha256="067b58113d88eea2a41ac06d52adb9eb61d3bfbf1d1c646dffc7f7591f7cf1da",
    size=2_189_909,
    inputs=(
        TensorSpec("face", (1, Axis("tv", 75), 112, 112), "float32", "grey face in [0, 255] at 25 pictures a second"),
    ),
    outputs=(TensorSpec("seen", (1, Axis("tv", 75), 128), "float32", "what the mouth looks like, a picture"),),
)

ATTRNN = ModelEntry(
    name="attrnn-35",
    job=Job.KEYWORDS,
    pack=Pack.PLUS,
    licence=Licence(spdx="MIT", training_data="Google Speech Commands v2 (CC BY 4.0)."),
    upstream="https://github.com/douglas125/SpeechCmdRecognition",
    provenance=_FOLDER_ONLY.format(original="a Keras file (commit e965a72a)"),
    source=Files(
        files=(
            SourceFile(
                name="attrnn35.onnx",
                sha256="f0d398f8861806a311ad1585c46a2c6345f6f23b45f7ae7271e41a0206be9617",
                size=818_071,
            ),
        )
    ),
    conversion=Conversion.NONE,
    sha256="f0d398f8861806a311ad1585c46a2c6345f6f23b45f7ae7271e41a0206be9617",
    size=818_071,
    inputs=(TensorSpec("logmel", (1, 125, 80), "float32", "one second of normalised log-mel frames"),),
    outputs=(TensorSpec("p", (1, 36), "float32", "probabilities of 35 words and, at 0, of none of them"),),
)


PLUS_VOICE: tuple[ModelEntry, ...] = (AASIST, AASIST_L, LIGHT_ASD, ATTRNN)
