"""Angles that can be trusted, and when the words were said."""

from __future__ import annotations

import numpy as np

from countersign.liveness.head_path import HeadPath, Span, longest_gap, smoothed, spoken, without_outliers
from countersign.voice.segments import STEP, SpeechActivity


def activity(*runs: tuple[int, bool]) -> SpeechActivity:
    speech = np.repeat([flag for _, flag in runs], [count for count, _ in runs])
    return SpeechActivity(
        probabilities=speech.astype(np.float32), speech=speech, length=len(speech) * STEP, start_s=0.5
    )


def test_the_words_are_where_most_is_said_pauses_included() -> None:
    step = 0.032
    found = spoken(activity((10, False), (3, True), (60, False), (30, True), (20, False), (30, True), (90, False)))
    assert found == Span(start_s=0.5 + 73 * step, end_s=0.5 + 153 * step)


def test_silence_has_no_words() -> None:
    assert spoken(activity((50, False))) is None


def test_frames_without_landmarks_are_left_out() -> None:
    times = np.arange(10) / 25
    presences = np.where(np.arange(10) == 4, 0.1, 0.9)
    assert HeadPath.measured(times, np.zeros((10, 3)), presences).times_s.tolist() == np.delete(times, 4).tolist()


def test_one_wild_frame_leaves_no_trace_and_a_line_stays_a_line() -> None:
    times = np.arange(50) / 25
    wild = np.where(np.arange(50) == 20, 80.0, 0.0)
    assert np.abs(without_outliers(wild)).max() < 1e-6
    assert np.abs(smoothed(times, 30 * times) - 30 * times)[9:-9].max() < 1e-6


def test_a_gap_counts_only_beside_frames_that_matter() -> None:
    times = np.array([0.0, 0.04, 0.9, 0.94, 1.4])
    assert longest_gap(times, np.array([False, False, False, True, True])) == times[4] - times[3]
