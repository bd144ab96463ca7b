"""The whole way on real faces, real voices and real models: make trials, run them, read the report, run them again."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from countersign.cli import main
from countersign.models.runtime import Runtime

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text("utf-8"))


def call(*arguments: object) -> str:
    result = CliRunner().invoke(main, ["evaluate", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.slow
def test_a_few_chimeric_people_are_told_apart(tmp_path: Path, samples: Path, runtime: Runtime) -> None:
    trials, out = tmp_path / "all.csv", tmp_path / "out"
    faces, voices = samples / "faces" / "lfw", samples / "voice" / "an4"
    plan = ("--enrol", 3, "--enrol-voices", 3, "--min-seconds", 2, "--probes", 2, "--people", "develop", "--seed", 1)
    call("make-trials", faces, "--voices", voices, "--out", trials, *plan)
    few = _first_people(trials, tmp_path / "few.csv", 4)
    # A text file in a picture's place: a failure to acquire with its code, and no reason to stop.
    (tmp_path / "broken.jpg").write_text("not a picture", "utf-8")
    with few.open("a", encoding="utf-8") as file:
        file.write("nobody,1,probe,face,broken.jpg,,,,\n")

    output = call("run", few, "--out", out, "--pack", "core", "--jobs", 1)
    report = json.loads((out / "report.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    assert report["counts"]["comparisons"] == {"mated": 8, "nonmated": 8 * 3 + 4, "attack": 0}
    assert report["fta_detail"]["face"]["reasons"]["media.unsupported"] == 1
    assert report["modalities"]["fused"]["eer"] == 0.0
    assert report["modalities"]["fused"]["cllr"] < 0.2
    assert set(report["models"]) == {"face", "voice"}
    assert not [name for name in _subjects(few) if name in output]

    again = call("run", few, "--out", tmp_path / "again", "--cache", out / "cache", "--pack", "core", "--jobs", 1)
    assert "40 of 41 files came from the cache" in again
    for name in ("scores.csv", "report.json"):
        assert (tmp_path / "again" / name).read_text("utf-8") == (out / name).read_text("utf-8")


def _first_people(trials: Path, out: Path, count: int) -> Path:
    with trials.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    kept = list(dict.fromkeys(row[0] for row in rows))[:count]
    with out.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *(row for row in rows if row[0] in kept)])
    return out


def _subjects(trials: Path) -> set[str]:
    with trials.open(encoding="utf-8", newline="") as file:
        return {part for row in csv.DictReader(file) for part in row["subject"].split("+")}
