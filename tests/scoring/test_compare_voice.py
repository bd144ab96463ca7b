"""Voice scores: one person's are higher than two people's, alike for everybody, and never across models."""

from __future__ import annotations

import csv
import math
import time
from pathlib import Path

import numpy as np
import pytest

from countersign.core.arrays import Float32Array
from countersign.core.biometrics import Embedding, Modality, ModelRef, VoiceProbe, VoiceReference, VoiceSample
from countersign.core.errors import ComparisonError, ErrorCode
from countersign.core.quality import SpeechQuality
from countersign.core.samples import Capture
from countersign.media.decode import decode
from countersign.models.catalog import find
from countersign.models.runtime import Runtime
from countersign.scoring.compare_voice import VoiceComparator
from countersign.scoring.voice_cohort import shipped_cohort
from countersign.voice.path import VoicePath

MODEL = find("ge2e").ref
OTHER = ModelRef(name="ge2e", sha256="22" * 32)
DEFAULT, SIMPLE = VoiceComparator.default(), VoiceComparator.simple()
SPEAKERS = ("marh", "mdms2", "meab", "fash", "fjam")


def sample(vector: Float32Array, *, model: ModelRef = MODEL, speech_s: float = 2.0) -> VoiceSample:
    return VoiceSample(
        embedding=Embedding(
            vector=(vector / np.linalg.norm(vector)).astype(np.float32), modality=Modality.VOICE, model=model
        ),
        quality=SpeechQuality(speech_s=speech_s, snr_db=20.0, level_dbfs=-25.0, clipped=0.0, bandwidth_hz=6000.0),
    )


def strangers(count: int, *, seed: int = 3) -> list[VoiceSample]:
    """Voices like those of people, but nobody's: between three of the cohort's."""
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, len(shipped_cohort().vectors), (count, 3))
    mixed = shipped_cohort().vectors[chosen].mean(axis=1) + 0.02 * np.abs(rng.standard_normal((count, 256)))
    return [sample(vector.astype(np.float32)) for vector in mixed]


def score(comparator: VoiceComparator, probe: list[VoiceSample], reference: list[VoiceSample]) -> float:
    return comparator.compare(VoiceProbe(samples=tuple(probe)), VoiceReference(samples=tuple(reference))).value


@pytest.fixture(scope="module")
def heard(runtime: Runtime, samples: Path) -> dict[str, list[VoiceSample]]:
    """Four utterances of 2 to 4.4 s of each speaker."""
    path, home = VoicePath.load(runtime), samples / "voice" / "an4"
    found: dict[str, list[VoiceSample]] = {speaker: [] for speaker in SPEAKERS}
    with (home / "index.csv").open(encoding="utf-8") as index:
        for row in csv.DictReader(index):
            if 2.0 <= float(row["seconds"]) <= 4.4 and len(found.get(row["speaker"], range(4))) < 4:
                audio = decode(Capture(data=(home / row["file"]).read_bytes())).audio
                assert audio is not None
                extracted = path.extract(audio)
                assert isinstance(extracted, VoiceSample)
                found[row["speaker"]].append(extracted)
    return found


def test_the_simplest_comparator_is_the_cosine_of_the_means() -> None:
    voices = strangers(5)
    means = [np.mean([one.embedding.vector for one in side], axis=0) for side in (voices[:2], voices[2:])]
    cosine = means[0] @ means[1] / np.linalg.norm(means[0]) / np.linalg.norm(means[1])
    assert score(SIMPLE, voices[:2], voices[2:]) == pytest.approx(float(cosine), abs=1e-6)


@pytest.mark.parametrize("comparator", [SIMPLE, DEFAULT], ids=lambda comparator: comparator.name)
def test_everybody_is_most_like_themselves(comparator: VoiceComparator, heard: dict[str, list[VoiceSample]]) -> None:
    table = np.array(
        [[score(comparator, heard[probe][3:], heard[owner][:3]) for owner in SPEAKERS] for probe in SPEAKERS]
    )
    np.testing.assert_array_equal(table.argmax(axis=1), np.arange(len(SPEAKERS)))
    np.testing.assert_array_equal(table.argmax(axis=0), np.arange(len(SPEAKERS)))


def test_people_of_the_cohort_are_left_out_when_they_are_compared(heard: dict[str, list[VoiceSample]]) -> None:
    probe, reference = (DEFAULT.prepare(tuple(part)) for part in (heard["marh"][3:], heard["marh"][:3]))
    assert len(probe.known) == len(reference.known) == 1
    assert probe.known == reference.known
    assert not DEFAULT.prepare(tuple(strangers(1))).known


def test_being_like_many_others_lowers_a_score() -> None:
    assert DEFAULT.cohort is not None
    back_end = DEFAULT.cohort.fit()
    voices = strangers(40)
    commonness = [back_end.commonness(back_end.project(voice.embedding.vector)) for voice in voices]
    common = voices[int(np.argmax(commonness))]
    assert max(commonness) > 0
    assert score(DEFAULT, [common], [common]) == pytest.approx(1.0 - 0.6 * max(commonness), abs=1e-5)


def test_the_order_of_references_does_not_matter() -> None:
    voices = strangers(6)
    one, other = score(DEFAULT, voices[:1], voices[1:]), score(DEFAULT, voices[:1], voices[:0:-1])
    assert one == pytest.approx(other, abs=1e-6)


def test_the_same_samples_give_the_same_score() -> None:
    voices = strangers(6)
    assert score(DEFAULT, voices[:1], voices[1:]) == score(DEFAULT, voices[:1], voices[1:])


def test_a_score_says_what_made_it_and_how_much_was_said() -> None:
    voices = [sample(voice.embedding.vector, speech_s=3.0) for voice in strangers(4)]
    found = DEFAULT.compare(VoiceProbe(samples=tuple(voices[:1])), VoiceReference(samples=tuple(voices[1:])))
    assert found.model == MODEL
    assert found.modality is Modality.VOICE
    assert found.comparator == "voice-cohort/1"
    assert found.side == {
        "log_speech_s": pytest.approx(math.log(3.0)),
        "log_reference_speech_s": pytest.approx(math.log(9.0)),
    }


@pytest.mark.parametrize("comparator", [SIMPLE, DEFAULT], ids=lambda comparator: comparator.name)
def test_voices_of_two_models_are_not_compared(comparator: VoiceComparator) -> None:
    ours, theirs = strangers(1), [sample(strangers(1)[0].embedding.vector, model=OTHER)]
    with pytest.raises(ComparisonError) as caught:
        score(comparator, ours, theirs)
    assert caught.value.code is ErrorCode.COMPARISON_ACROSS_MODELS
    with pytest.raises(ComparisonError):
        score(comparator, ours + theirs, ours)


def test_a_cohort_of_another_model_is_of_no_use() -> None:
    theirs = [sample(strangers(1)[0].embedding.vector, model=OTHER)]
    assert score(SIMPLE, theirs, theirs) == pytest.approx(1.0)
    with pytest.raises(ComparisonError) as caught:
        score(DEFAULT, theirs, theirs)
    assert caught.value.code is ErrorCode.COMPARISON_ACROSS_MODELS


@pytest.mark.parametrize("comparator", [SIMPLE, DEFAULT], ids=lambda comparator: comparator.name)
def test_nothing_is_compared_with_no_sample(comparator: VoiceComparator) -> None:
    with pytest.raises(ComparisonError) as caught:
        score(comparator, strangers(1), [])
    assert caught.value.code is ErrorCode.COMPARISON_NO_REFERENCE


def test_a_hundred_thousand_comparisons_take_seconds() -> None:
    prepared = [DEFAULT.prepare((voice,)) for voice in strangers(100)]
    started = time.thread_time()
    for probe in prepared:
        for reference in prepared:
            DEFAULT.compare_prepared(probe, reference)
    assert time.thread_time() - started < 1.0, "for a tenth of them"
