"""A run makes the comparisons that the trials call for, counts every failure, and goes on where it stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from countersign.core.biometrics import Modality
from countersign.evaluation.compare import narrowed
from countersign.evaluation.rates import Source, llrs_of, mated_rows
from countersign.evaluation.run import Evaluation, evaluate
from countersign.evaluation.trials import Trials, read_trials
from countersign.policy.profiles import NIST_63B4, STANDARD
from tests.evaluation.scripted import ScriptedSource, Trialsmith


@pytest.fixture
def smith(tmp_path: Path) -> Trialsmith:
    return Trialsmith(tmp_path)


def run(smith: Trialsmith, source: ScriptedSource | None = None, *, jobs: int = 1) -> Evaluation:
    source = source or ScriptedSource(log=smith.folder / "log")
    trials = read_trials(smith.write())
    return evaluate(trials, source, profile="standard", cache=smith.folder / "cache", jobs=jobs)


def test_every_probe_meets_every_subject_and_the_same_person_scores_higher(smith: Trialsmith) -> None:
    smith.people(["ann", "bob", "eve"], enrol=2, probes=2)
    found = run(smith)
    mated, nonmated = mated_rows(found)
    assert int(mated.sum()) == 6
    assert int(nonmated.sum()) == 12
    fused = llrs_of(found, Source.FUSED)
    assert fused[mated].min() > fused[nonmated].max()
    pairs = set(zip(found.table.test.tolist(), found.table.reference.tolist(), strict=True))
    assert pairs == {(test, reference) for test in range(6) for reference in range(3)}


def test_an_unknown_impostor_is_non_mated_with_everybody(smith: Trialsmith) -> None:
    smith.people(["ann", "bob"], enrol=1, probes=1)
    smith.row("stranger", "1", "probe", "av", script="face=stranger/1 voice=stranger/1")
    mated, nonmated = mated_rows(run(smith))
    assert (int(mated.sum()), int(nonmated.sum())) == (2, 4)


def test_an_attack_meets_its_target_only_and_is_neither_mated_nor_non_mated(smith: Trialsmith) -> None:
    smith.people(["ann", "bob"], enrol=1, probes=1)
    smith.row("bob", "1", "attack", "face", script="face=bob/9", species="print")
    found = run(smith)
    mated, nonmated = mated_rows(found)
    (row,) = np.flatnonzero(~mated & ~nonmated)
    assert found.references[found.table.reference[row]].subject == "bob"
    assert found.tests[found.table.test[row]].presentation.species == "print"


def test_several_files_make_one_presentation_and_a_kind_looks_at_nothing_else(smith: Trialsmith) -> None:
    smith.people(["ann", "bob"], enrol=1, probes=1)
    smith.row("ann", "both", "probe", "face", script="face=ann/7 voice=bob/7")
    smith.row("ann", "both", "probe", "voice", script="face=bob/8 voice=ann/8")
    found = run(smith)
    (test,) = (index for index, item in enumerate(found.tests) if item.presentation.attempt == "both")
    row = np.flatnonzero((found.table.test == test) & (found.table.reference == 0))
    for modality in Modality:
        assert found.table.llrs[modality][row] > 0, f"{modality} of the wrong file"


def test_every_failure_is_on_record_with_its_reason(smith: Trialsmith) -> None:
    smith.people(["ann", "bob"], enrol=1, probes=1)
    smith.row("ann", "x", "probe", "av", script="face=!no_face voice=ann/3")
    smith.row("ann", "y", "probe", "av", script="broken")
    smith.row("ann", "z", "probe", "voice", script="face=ann/3")
    smith.row("ann", "s", "probe", "av", script="face=ann/3")
    smith.row("mute", "1", "enrol", "av", script="face=mute/1 voice=!no_speech")
    found = run(smith)
    failures = {item.presentation.attempt: dict(item.failures) for item in found.tests if item.failures}
    assert failures == {
        "x": {Modality.FACE: "no_face"},
        "y": {Modality.FACE: "media.truncated", Modality.VOICE: "media.truncated"},
        "z": {Modality.VOICE: "media.no_audio"},
        "s": {Modality.VOICE: "media.no_audio"},
    }
    assert dict(found.references[2].failures) == {Modality.VOICE: "no_speech"}


def test_a_failure_to_acquire_is_a_retry_and_never_an_acceptance(smith: Trialsmith) -> None:
    smith.people(["ann"], enrol=1, probes=1)
    smith.row("ann", "x", "probe", "av", script="face=!no_face voice=ann/0")
    smith.row("ann", "y", "probe", "av", script="broken")
    found = run(smith)
    verdicts = [found.table.vocabulary[index] for index in found.table.verdicts]
    assert verdicts[0] == ("accepted", "")
    assert verdicts[1] == ("retry", "face:no_face")
    assert verdicts[2] == ("rejected", "not_assessed face:media.truncated voice:media.truncated")
    assert np.isnan(found.table.fused[2])


def test_one_bad_file_among_good_ones_of_a_presentation_does_no_harm(smith: Trialsmith) -> None:
    smith.people(["ann"], enrol=1, probes=1)
    smith.row("ann", "1", "probe", "face", script="broken")
    smith.row("ann", "9", "enrol", "face", script="face=!too_dark")
    found = run(smith)
    assert not any(item.failures for item in found.tests)
    assert not found.references[0].failures


def test_nothing_in_common_is_no_comparison(smith: Trialsmith) -> None:
    smith.row("ann", "1", "enrol", "face", script="face=ann/1")
    smith.row("ann", "1", "probe", "voice", script="voice=ann/1")
    found = run(smith)
    assert len(found.table) == 0


def test_a_second_run_extracts_nothing_and_finds_the_same(smith: Trialsmith) -> None:
    smith.people(["ann", "bob"], enrol=2, probes=2)
    source = ScriptedSource(log=smith.folder / "log")
    first, second = run(smith, source), run(smith, source)
    assert (first.cached, second.cached) == (0, 8)
    assert source.extractions == 8
    assert np.array_equal(first.table.fused, second.table.fused)


def test_a_run_that_was_stopped_goes_on_where_it_was(smith: Trialsmith) -> None:
    smith.people(["ann", "bob"], enrol=1, probes=1)
    source = ScriptedSource(log=smith.folder / "log")

    class Stopped(Exception):  # noqa: N818 - no error
        pass

    def stop_at_two(_stage: str, done: int, _total: int) -> None:
        if done == 2:
            raise Stopped

    trials: Trials = read_trials(smith.write())
    with pytest.raises(Stopped):
        evaluate(trials, source, profile="standard", cache=smith.folder / "cache", watch=stop_at_two)
    assert source.extractions == 2
    assert run(smith, source).cached == 2
    assert source.extractions == 4


def test_other_models_or_other_code_do_not_use_what_the_old_ones_made(smith: Trialsmith) -> None:
    smith.people(["ann"], enrol=1, probes=1)
    source = ScriptedSource(log=smith.folder / "log")
    run(smith, source)
    assert run(smith, replace(source, weights="cd")).cached == 0
    assert run(smith, replace(source, revision="2")).cached == 0
    assert run(smith, source).cached == 2


def test_a_changed_file_is_read_anew(smith: Trialsmith) -> None:
    smith.people(["ann"], enrol=1, probes=1)
    run(smith)
    (smith.folder / "1.txt").write_text("face=ann/77 voice=ann/77", "utf-8")
    assert run(smith).cached == 1


def test_a_broken_cache_entry_is_made_anew(smith: Trialsmith) -> None:
    smith.people(["ann"], enrol=1, probes=1)
    first = run(smith)
    for entry in (smith.folder / "cache").rglob("*.npz"):
        entry.write_bytes(b"broken")
    again = run(smith)
    assert again.cached == 0
    assert np.array_equal(first.table.fused, again.table.fused)


def test_several_processes_find_what_one_does(smith: Trialsmith) -> None:
    smith.people([f"p{number}" for number in range(70)], enrol=1, probes=1)
    alone = run(smith)
    together = run(smith, ScriptedSource(log=smith.folder / "log", revision="other"), jobs=2)
    assert together.cached == 0
    assert np.array_equal(alone.table.fused, together.table.fused)
    assert np.array_equal(alone.table.test, together.table.test)
    assert alone.table.vocabulary == together.table.vocabulary


def test_a_profile_is_narrowed_to_what_is_offered_and_never_to_nothing() -> None:
    face, voice = frozenset({Modality.FACE}), frozenset({Modality.VOICE})
    assert narrowed(STANDARD, face | voice) is STANDARD
    assert narrowed(STANDARD, face).counted == face
    assert dict(narrowed(STANDARD, face).floors) == {Modality.FACE: STANDARD.floors[Modality.FACE]}
    assert narrowed(STANDARD, face).total_floor == STANDARD.total_floor
    assert narrowed(NIST_63B4, voice).counted == voice
