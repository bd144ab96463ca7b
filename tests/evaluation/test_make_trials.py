"""Trials made from folders are fair, repeatable, and readable by the evaluation."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from countersign.core.errors import TrialsError
from countersign.evaluation.folders import people_in
from countersign.evaluation.make_trials import Plan, chimeric, of_kind, single, write_trials
from countersign.evaluation.people import Side, side_of
from countersign.evaluation.trials import Kind, Role, read_trials


def folders(root: Path, people: dict[str, list[str]]) -> Path:
    for person, files in people.items():
        for name in files:
            path = root / person / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"{person}/{name}".encode())
    return root


def pictures(count: int, folder: str = "") -> list[str]:
    return [f"{folder}{number:02}.jpg" for number in range(count)]


def sounds(count: int) -> list[str]:
    return [f"chapter/{number:02}.opus" for number in range(count)]


def test_what_a_file_is_its_suffix_tells(tmp_path: Path) -> None:
    folders(tmp_path, {"ann": ["a.JPG", "b.flac", "c.webm", "notes.txt"], "empty": ["readme.md"]})
    (ann,) = people_in(tmp_path)
    assert [sample.kind for sample in ann.samples] == [Kind.FACE, Kind.VOICE, Kind.AV]
    (ann,) = people_in(tmp_path, video=Kind.VIDEO)
    assert ann.samples[2].kind is Kind.VIDEO


def test_no_sample_is_both_reference_and_probe_and_who_has_too_few_is_left_out(tmp_path: Path) -> None:
    folders(tmp_path, {"ann": pictures(11), "bob": pictures(9), "few": pictures(8)})
    rows = single(people_in(tmp_path), Plan(enrol=8))
    assert Counter((row.subject, row.role) for row in rows) == {
        ("ann", Role.ENROL): 8,
        ("ann", Role.PROBE): 3,
        ("bob", Role.ENROL): 8,
        ("bob", Role.PROBE): 1,
    }
    assert len({row.sample.path for row in rows}) == len(rows)
    assert len({(row.subject, row.role, row.attempt) for row in rows}) == len(rows)


def test_the_same_seed_makes_the_same_choice_and_another_one_another(tmp_path: Path) -> None:
    folders(tmp_path, {"ann": pictures(20), "bob": pictures(20)})
    people = people_in(tmp_path)
    assert single(people, Plan(enrol=8, seed=3)) == single(people, Plan(enrol=8, seed=3))
    assert single(people, Plan(enrol=8, seed=3)) != single(people, Plan(enrol=8, seed=4))


def test_references_and_probes_may_come_from_folders_of_their_own(tmp_path: Path) -> None:
    folders(tmp_path, {"001": pictures(10, "frontal/") + pictures(4, "profile/")})
    rows = single(people_in(tmp_path), Plan(enrol=8, enrol_from="frontal", probe_from="profile"))
    assert {(row.role, row.sample.path.parent.name) for row in rows} == {
        (Role.ENROL, "frontal"),
        (Role.PROBE, "profile"),
    }
    assert sum(row.role is Role.PROBE for row in rows) == 4


def test_a_chimera_keeps_its_voice_and_every_probe_has_both(tmp_path: Path) -> None:
    faces = people_in(folders(tmp_path / "faces", {f"f{number}": pictures(12) for number in range(4)}))
    voices = people_in(folders(tmp_path / "voices", {f"v{number}": sounds(9) for number in range(3)}))
    rows = chimeric(faces, voices, Plan(enrol=8), Plan(enrol=5))
    pairs = {tuple(row.subject.split("+")) for row in rows}
    assert len(pairs) == len({face for face, _ in pairs}) == len({voice for _, voice in pairs}) == 3
    for row in rows:
        assert row.sample.path.relative_to(tmp_path).parts[1] in row.subject.split("+")
    probes = Counter((row.subject, row.attempt) for row in rows if row.role is Role.PROBE)
    assert set(probes.values()) == {2}
    assert len(probes) == 3 * 4
    assert rows == chimeric(faces, voices, Plan(enrol=8), Plan(enrol=5))


def test_people_for_choosing_and_people_for_reporting_are_kept_apart(tmp_path: Path) -> None:
    folders(tmp_path, {f"p{number}": pictures(2) for number in range(30)})
    develop = {person.name for person in people_in(tmp_path, people="develop")}
    report = {person.name for person in people_in(tmp_path, people="report")}
    assert develop | report == {person.name for person in people_in(tmp_path)}
    assert not develop & report
    assert {side_of(name) for name in develop} == {Side.DEVELOP}


def test_texts_and_lengths_come_from_an_index_beside_or_above(tmp_path: Path) -> None:
    folders(tmp_path / "set", {"ann": sounds(2)})
    (tmp_path / "index.csv").write_text("file,seconds,text\nset/ann/chapter/00.opus,3.5,open sesame\n", "utf-8")
    (ann,) = people_in(tmp_path / "set")
    assert [(sample.text, sample.seconds) for sample in ann.samples] == [("open sesame", 3.5), ("", None)]
    assert len(people_in(tmp_path / "set", keep=lambda sample: sample.seconds is not None)[0].samples) == 1


def test_the_file_can_be_read_back_from_anywhere(tmp_path: Path) -> None:
    folders(tmp_path / "faces", {"ann": pictures(4), "bob, jr.": pictures(4)})
    path = tmp_path / "elsewhere" / "deep" / "trials.csv"
    write_trials(path, single(people_in(tmp_path / "faces"), Plan(enrol=2)))
    with path.open(encoding="utf-8", newline="") as file:
        assert all(row["path"].startswith("../../faces/") for row in csv.DictReader(file))
    trials = read_trials(path)
    assert sorted(trials.enrolments) == ["ann", "bob, jr."]
    assert trials.comparisons == 8


def test_nobody_to_test_is_refused(tmp_path: Path) -> None:
    folders(tmp_path, {"ann": pictures(3)})
    with pytest.raises(TrialsError, match="enough"):
        single(people_in(tmp_path), Plan(enrol=3))
    with pytest.raises(TrialsError, match="no folder"):
        people_in(tmp_path / "ann")
    assert of_kind(people_in(tmp_path), frozenset({Kind.VOICE})) == ()
