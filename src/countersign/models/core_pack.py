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

_WINDOWS = Axis("windows", 32)

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

CORE: tuple[ModelEntry, ...] = (SILERO_VAD,)
