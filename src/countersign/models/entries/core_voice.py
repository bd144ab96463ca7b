"""Pack `core`: voices."""

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

_WINDOWS = Axis("windows", 8)

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


CORE_VOICE: tuple[ModelEntry, ...] = (GE2E, SILERO_VAD)
