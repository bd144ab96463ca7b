"""Pitch, tone and cadence, in the units they say."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from countersign.core.arrays import Float32Array
from countersign.voice.path import VoicePath
from countersign.voice.prosody import Prosody, measure_prosody
from countersign.voice.segments import STEP, SpeechActivity
from tests.voice.sounds import buzz, clip, heard, hiss, silence, spoken


def measured(sound: Float32Array, *, start_s: float = 0.0) -> Prosody:
    """Taking whatever is not silent for speech."""
    steps = np.pad(sound, (0, -len(sound) % STEP)).reshape(-1, STEP)
    speech = np.abs(steps).max(axis=1) > 1e-4
    activity = SpeechActivity(
        probabilities=speech.astype(np.float32), speech=speech, length=len(sound), start_s=start_s
    )
    found = measure_prosody(clip(sound, start_s=start_s), activity)
    assert found is not None
    return found


@pytest.mark.parametrize("pitch_hz", [80.0, 120.0, 220.0, 350.0])
def test_the_pitch_of_a_buzz_is_found(pitch_hz: float) -> None:
    pitch = measured(buzz(2.0, pitch_hz=pitch_hz)).pitch
    assert pitch is not None
    assert pitch.median_hz == pytest.approx(pitch_hz, rel=0.01)
    assert pitch.range_semitones < 0.5


def test_an_octave_is_a_range_of_twelve_semitones() -> None:
    pitch = measured(np.concatenate([buzz(1.0, pitch_hz=110.0), buzz(1.0, pitch_hz=220.0)])).pitch
    assert pitch is not None
    assert pitch.range_semitones == pytest.approx(12.0, abs=0.5)


def test_the_track_is_on_the_clock_of_the_recording_and_silent_in_the_pauses() -> None:
    pitch = measured(np.concatenate([silence(1.0), buzz(1.0), silence(1.0)]), start_s=4.0).pitch
    assert pitch is not None
    sounding = pitch.times_s[pitch.track_hz > 0]
    assert sounding[0] == pytest.approx(5.0, abs=0.1)
    assert sounding[-1] == pytest.approx(6.0, abs=0.1)


def test_a_whisper_has_no_pitch_and_still_a_tone() -> None:
    found = measured(hiss(1.0))
    assert found.pitch is None
    assert found.tone.tilt_db_per_octave == pytest.approx(0.0, abs=0.5)
    assert found.tone.centroid_hz == pytest.approx(4000.0, rel=0.05)
    assert found.cadence.syllables == 0


def test_the_tilt_of_falling_harmonics_is_six_decibels_an_octave() -> None:
    # Harmonics falling as 1 / k lose 6 dB an octave; thirds of octaves hold mean power, so nothing is added.
    found = measured(buzz(2.0, pitch_hz=80.0))
    assert found.tone.tilt_db_per_octave == pytest.approx(-6.0, abs=0.7)


def test_syllables_and_pauses_of_a_made_rhythm_are_counted() -> None:
    syllable = buzz(0.15) * np.hanning(2400).astype(np.float32)
    word = np.concatenate([syllable, silence(0.02)] * 4)
    found = measured(np.concatenate([word, silence(0.5), word, silence(0.7), word])).cadence
    assert found.syllables == 12
    assert found.pauses == 2
    assert found.mean_pause_s == pytest.approx(0.6, abs=0.1)
    assert 4.0 < found.syllables_per_s < 8.0


def test_no_speech_has_no_prosody(path: VoicePath) -> None:
    assert path.measure_prosody(clip(silence(1.0))) is None


def test_real_voices_speak_at_the_pitch_of_people(path: VoicePath, samples: Path) -> None:
    medians: dict[str, float] = {}
    for speaker in ("fash", "mtos"):
        (utterance,) = spoken(samples, "an4", speaker, 1)
        found = path.measure_prosody(utterance)
        assert found is not None
        assert found.pitch is not None
        assert -15 < found.tone.tilt_db_per_octave < -2
        medians[speaker] = found.pitch.median_hz
    assert 170 < medians["fash"] < 260
    assert 80 < medians["mtos"] < 150


def test_counted_syllables_follow_those_of_the_digits_read(path: VoicePath, samples: Path) -> None:
    home = samples / "voice" / "an4"
    two = {"SEVEN", "ZERO"}
    digits = {"ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "EIGHT", "NINE", "OH"} | two
    with (home / "index.csv").open(encoding="utf-8") as index:
        rows = [row for row in csv.DictReader(index) if set(row["text"].split()) <= digits and len(row["text"]) > 20]
    read = [sum(2 if word in two else 1 for word in row["text"].split()) for row in rows[:12]]
    found = [path.measure_prosody(heard(home / row["file"])) for row in rows[:12]]
    counted = [prosody.cadence.syllables for prosody in found if prosody is not None]
    assert len(counted) == 12
    assert np.mean(np.abs(np.array(counted) - read)) < 1.5
