"""The report says what was counted, in the shape that is documented."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from countersign.core.biometrics import Modality
from countersign.evaluation.outcomes import apcer, bpcer, transactions
from countersign.evaluation.rates import Source, population
from countersign.evaluation.report import page, worst_errors, write_report
from countersign.evaluation.results import as_json, measure
from countersign.evaluation.run import Evaluation, evaluate
from countersign.evaluation.scores import HEADER
from countersign.evaluation.trials import read_trials
from tests.evaluation.scripted import ScriptedSource, Trialsmith

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text("utf-8"))
TODAY = dt.date(2026, 11, 21)


def evaluated(smith: Trialsmith) -> Evaluation:
    source = ScriptedSource(log=smith.folder / "log")
    return evaluate(read_trials(smith.write()), source, profile="standard", cache=smith.folder / "cache")


def report_of(evaluation: Evaluation) -> Any:
    return json.loads(json.dumps(as_json(measure(evaluation, pack="core")), allow_nan=False))


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """Twelve people, one stranger, one who cannot be enrolled by voice, failures, and attacks."""
    smith = Trialsmith(tmp_path_factory.mktemp("trials"))
    smith.people([f"p{number}" for number in range(12)], enrol=2, probes=3)
    smith.row("stranger", "1", "probe", "av", script="face=stranger/1 voice=stranger/1")
    smith.row("mute", "1", "enrol", "av", script="face=mute/1 voice=!no_speech")
    smith.row("mute", "2", "probe", "av", script="face=mute/2 voice=!no_speech")
    smith.row("p0", "x", "probe", "av", script="face=!no_face voice=p0/9")
    smith.row("p1", "x", "probe", "av", script="broken")
    for number in range(4):
        smith.row(f"p{number}", "clone", "attack", "voice", script=f"voice=p{number}/50", species="clone")
    smith.row("p5", "mask", "attack", "av", script="face=p5/50 voice=p5/50", species="mask")
    return evaluated(smith)


@pytest.fixture(scope="module")
def report(evaluation: Evaluation) -> Any:
    return report_of(evaluation)


def test_the_report_keeps_to_its_schema(report: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(report)


def test_the_shape_is_the_one_that_was_promised(report: Any) -> None:
    assert {"system", "models", "counts", "fte", "fta", "modalities", "attacks", "bpcer"} <= set(report)
    assert set(report["modalities"]) == {"face", "voice", "fused"}
    for rates in report["modalities"].values():
        assert {"mated", "nonmated", "eer", "eer_ci", "operating_points", "cllr"} <= set(rates)
        assert [point["fmr"] for point in rates["operating_points"]] == [1e-2, 1e-3, 1e-4]
        for point in rates["operating_points"]:
            assert {"fmr", "fnmr", "fnmr_ci", "threshold"} <= set(point)
    assert {"n", "iapar", "checks"} <= set(report["attacks"]["clone"])


def test_counts_are_what_the_trials_hold(report: Any) -> None:
    # 36 probes of enrolled people, the stranger's, the mute's, and two failures; 13 subjects.
    assert report["counts"] == {
        "subjects": 13,
        "unknown_impostors": 1,
        "files": 12 * 5 + 5 + 5,
        "presentations": {"enrol": 25, "probe": 40, "attack": 5},
        "comparisons": {"mated": 39, "nonmated": 40 * 13 - 39, "attack": 5},
    }


def test_failures_are_rates_with_their_counts_and_reasons(report: Any) -> None:
    assert report["fte"] == pytest.approx(1 / 13)
    assert report["fte_detail"]["face"]["rate"] == 0.0
    assert report["fte_detail"]["voice"]["reasons"] == {"no_speech": 1}
    assert report["fta"] == pytest.approx(3 / 40)
    assert report["fta_detail"]["face"]["reasons"] == {"media.truncated": 1, "no_face": 1}
    assert report["fta_detail"]["voice"]["rate_count"] == 2


def test_failures_to_acquire_are_no_comparisons(report: Any, evaluation: Evaluation) -> None:
    modalities = report["modalities"]
    assert (modalities["face"]["mated"], modalities["voice"]["mated"], modalities["fused"]["mated"]) == (37, 37, 36)
    assert modalities["fused"]["nonmated"] == 36 * 11 + 12
    assert len(population(evaluation, Source.FACE).nonmated) == modalities["face"]["nonmated"]


def test_what_the_counts_cannot_carry_is_null_with_the_rule_of_three_in_words(report: Any) -> None:
    points = report["modalities"]["face"]["operating_points"]
    assert points[0]["fnmr"] is not None
    for point in points[1:]:
        assert point["fnmr"] is None
        assert point["fnmr_ci"] is None
        assert point["threshold"] is None
        assert "rule of 3" in point["fnmr_reason"]
    assert report["bpcer"] is None
    assert report["bpcer_reason"]


def test_every_null_has_a_reason_beside_it(report: Any) -> None:
    def check(item: Any, path: str) -> None:
        if isinstance(item, dict):
            if None in item.values():
                assert any(name.endswith("_reason") for name in item), path
            for name, value in item.items():
                check(value, f"{path}.{name}")
        elif isinstance(item, list):
            for index, value in enumerate(item):
                check(value, f"{path}[{index}]")

    check(report, "report")


def test_transactions_count_failures_to_acquire_as_rejections(report: Any, evaluation: Evaluation) -> None:
    accepted, mated = evaluation.table.accepted, 38  # the mute could not be enrolled and makes no mated transaction
    found = transactions(evaluation)
    assert found.false_rejections.of == mated
    assert found.false_rejections.count >= 2
    assert report["transactions"]["frr"] == pytest.approx(found.false_rejections.count / mated)
    assert found.false_acceptances.count <= int(accepted.sum())


def test_attacks_are_reported_by_species(report: Any) -> None:
    assert set(report["attacks"]) == {"clone", "mask"}
    assert report["attacks"]["clone"]["n"] == 4
    assert report["attacks"]["mask"]["iapar"] == 1.0
    sources = {(item["modality"], item["fmr"]) for item in report["attacks"]["clone"]["iapmr"]}
    assert sources == {("voice", 0.01)}
    assert report["attacks"]["clone"]["checks"] == {}


def test_apcer_and_bpcer_leave_out_what_was_not_assessed() -> None:
    assert apcer([True, False, None, False]).rate == pytest.approx(1 / 3)
    assert bpcer([None, None]).rate is None


def test_perfect_separation_is_zero_but_its_interval_is_not(tmp_path: Path) -> None:
    smith = Trialsmith(tmp_path)
    smith.people([f"p{number}" for number in range(6)], enrol=2, probes=2)
    fused = report_of(evaluated(smith))["modalities"]["fused"]
    assert fused["eer"] == 0.0
    assert fused["eer_ci"][0] == 0.0
    assert fused["eer_ci"][1] == pytest.approx(0.2646, abs=1e-3)  # none in 12, Clopper and Pearson


@pytest.mark.parametrize(
    ("kind", "present", "absent"), [("face", "face", ("voice", "fused")), ("voice", "voice", ("face", "fused"))]
)
def test_one_modality_alone_is_reported_alone(tmp_path: Path, kind: str, present: str, absent: tuple[str, str]) -> None:
    smith = Trialsmith(tmp_path)
    smith.people([f"p{number}" for number in range(4)], kind=kind, enrol=1, probes=2)
    report = report_of(evaluated(smith))
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    assert report["modalities"][present]["eer"] is not None
    for name in absent:
        assert report["modalities"][name]["mated"] == 0
        assert report["modalities"][name]["eer"] is None
        assert report["modalities"][name]["eer_reason"]
    assert report["fta_detail"][absent[0]]["rate"] is None
    assert report["transactions"]["frr"] is None
    assert "asks for face and voice" in report["transactions"]["frr_reason"]
    assert report["fta"] == 0.0


def test_attacks_alone_make_a_report_too(tmp_path: Path) -> None:
    smith = Trialsmith(tmp_path)
    smith.row("ann", "1", "enrol", "voice", script="voice=ann/1")
    smith.row("ann", "1", "attack", "voice", script="voice=ann/2", species="clone")
    evaluation = evaluated(smith)
    report = report_of(evaluation)
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    assert report["fta"] is None
    assert report["attacks"]["clone"]["iapmr"] == []
    assert "The trials hold no probes" not in page(evaluation, measure(evaluation, pack="core"), today=TODAY)


def test_scores_have_a_row_for_each_comparison_that_was_tried(tmp_path: Path, evaluation: Evaluation) -> None:
    results = measure(evaluation, pack="core")
    write_report(tmp_path / "new", evaluation, results, today=TODAY)
    with (tmp_path / "new" / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == HEADER
    assert len(rows) == 40 * 13 + 5
    failed = [row for row in rows if row["subject"] == "p0" and row["attempt"] == "x" and row["reference"] == "p0"]
    assert [(row["mated"], row["face_llr"], row["decision"], row["reason"]) for row in failed] == [
        ("1", "", "retry", "face:no_face")
    ]
    assert failed[0]["voice_llr"] == failed[0]["fused_llr"]
    attacks = [row for row in rows if row["role"] == "attack"]
    assert {row["mated"] for row in attacks} == {""}
    whole = [row for row in rows if row["face_llr"] and row["voice_llr"]]
    for row in whole[:50]:
        assert float(row["fused_llr"]) == pytest.approx(float(row["face_llr"]) + float(row["voice_llr"]), abs=2e-6)
    assert json.loads((tmp_path / "new" / "report.json").read_text("utf-8")) == json.loads(json.dumps(as_json(results)))


def test_the_page_needs_nothing_from_anywhere(evaluation: Evaluation) -> None:
    text = page(evaluation, measure(evaluation, pack="core"), today=TODAY)

    class Parser(HTMLParser):
        asked: list[str]
        tags: set[str]

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.tags.add(tag)
            self.asked += [f"{tag} {value}" for name, value in attrs if name in {"src", "href", "data", "xlink:href"}]

    parser = Parser()
    parser.asked, parser.tags = [], set()
    parser.feed(text)
    assert {item for item in parser.asked if " #" not in item} == set()
    assert not {"script", "link", "img", "iframe", "object"} & parser.tags
    assert not re.search(r"url\((?!#)", text)
    assert text.count("<svg") == 5
    assert "var(--face)" in text
    assert "#0102" not in text


def test_the_page_escapes_what_the_trials_call_people(tmp_path: Path) -> None:
    smith = Trialsmith(tmp_path)
    smith.people(["<script>alert(1)</script>", "ann"], enrol=1, probes=1)
    evaluation = evaluated(smith)
    assert "<script>" not in page(evaluation, measure(evaluation, pack="core"), today=TODAY)


def test_the_worst_errors_lead_to_their_presentations(evaluation: Evaluation) -> None:
    worst = worst_errors(evaluation, Source.FACE)
    mated, nonmated = worst[0]
    assert mated is not None
    assert nonmated is not None
    face = evaluation.table.llrs[Modality.FACE]
    assert nonmated.llr <= np.nanmax(face)
    assert mated.presentation.split(" · ")[0] == mated.reference
    assert nonmated.presentation.split(" · ")[0] != nonmated.reference
