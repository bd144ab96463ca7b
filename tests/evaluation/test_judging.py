"""Logins in a file of trials: judged with every check, and what is reported of them."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from countersign.core.errors import TrialsError
from countersign.core.evidence import CheckName
from countersign.evaluation.challenges import Asked
from countersign.evaluation.outcomes import refused_logins
from countersign.evaluation.report import write_report
from countersign.evaluation.results import measure
from countersign.evaluation.run import Evaluation, evaluate
from countersign.evaluation.trials import Role, read_trials
from countersign.liveness.challenge import Mode, Side, TurnOrder
from tests.evaluation.scripted import ScriptedSource

HEADER = ("subject", "attempt", "role", "kind", "path", "text", "species", "words", "turn")
TURN = "left:25:after_words"


def login(
    folder: Path, attempt: str, script: str, *, role: str = "probe", species: str = "", words: str = "tiger copper"
) -> tuple[str, ...]:
    """A row, and its file."""
    (folder / attempt).write_text(script)
    return ("ann", attempt, role, "av", attempt, "", species, words, TURN)


@pytest.fixture
def evaluation(tmp_path: Path) -> Evaluation:
    good = "face=ann/{0} voice=ann/{0} said=tiger+copper"
    for name in ("enrolled", "earlier"):
        (tmp_path / name).write_text(good.format(name))
    rows = [
        ("ann", "e", "enrol", "av", "enrolled", "", "", "", ""),
        ("ann", "s", "seen", "av", "earlier", "", "", "", ""),
        *(login(tmp_path, f"p{index}", good.format(index)) for index in range(3)),
        login(tmp_path, "mumbled", "face=ann/9 voice=ann/9 said=tiger+cop"),
        login(tmp_path, "again", good.format("earlier"), role="attack", species="replayed"),
        login(tmp_path, "dub", good.format(5) + " fails=lips", role="attack", species="dubbed"),
        login(tmp_path, "clone", good.format(6), role="attack", species="cloned"),
    ]
    with (tmp_path / "trials.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    source = ScriptedSource(weights="ab", log=tmp_path / "log", revision="1")
    return evaluate(read_trials(tmp_path / "trials.csv"), source, profile="standard", cache=tmp_path / "cache")


def test_every_check_is_counted_on_bona_fide_logins_and_on_every_species(evaluation: Evaluation) -> None:
    results = measure(evaluation, pack="core")
    assert (results.refused_logins.count, results.refused_logins.of) == (1, 4)
    assert (results.bona_fide_checks["phrase"].count, results.bona_fide_checks["phrase"].of) == (1, 4)
    assert results.bona_fide_checks["replay"].count == 0
    assert results.attacks["replayed"].checks["replay"].count == 0
    assert results.attacks["replayed"].checks["lips"].count == 1
    assert results.attacks["dubbed"].checks["lips"].count == 0


def test_the_worst_species_comes_first_and_what_the_whole_system_lets_in_is_counted(evaluation: Evaluation) -> None:
    attacks = measure(evaluation, pack="core").attacks
    assert next(iter(attacks)) == "cloned"
    assert {name: rates.accepted.count for name, rates in attacks.items()} == {"cloned": 1, "dubbed": 0, "replayed": 0}
    assert attacks["cloned"].relative == pytest.approx(1 + 1 / 4)
    assert refused_logins(evaluation).rate == 1 / 4


def test_the_report_has_it_all_and_keeps_to_its_schema(evaluation: Evaluation, tmp_path: Path) -> None:
    write_report(tmp_path / "out", evaluation, measure(evaluation, pack="core"), today=date(2026, 1, 1))
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    schema = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text())
    jsonschema.validate(report, schema)
    assert report["bpcer"] == 1 / 4
    assert report["attacks"]["dubbed"]["checks"]["lips"]["rate"] == 0
    assert "RIAPAR" in (tmp_path / "out" / "report.html").read_text()
    rows = list(csv.DictReader((tmp_path / "out" / "checks.csv").read_text("utf-8").splitlines()))
    assert len(rows) == 7 * len(CheckName)
    assert {row["decision"] for row in rows if row["attempt"] == "dub"} == {"rejected"}


def test_a_challenge_is_read_from_two_columns() -> None:
    asked = Asked.parse("Seven two nine", "right:30:before_words")
    assert asked is not None
    assert (asked.words, asked.turn.first, asked.turn.extent_deg) == (("seven", "two", "nine"), Side.RIGHT, 30)
    assert asked.turn.order is TurnOrder.BEFORE_WORDS
    assert asked.challenge().mode is Mode.DIGITS
    assert Asked.parse("", "") is None


@pytest.mark.parametrize(
    ("words", "turn"), [("tiger", ""), ("", TURN), ("tiger", "up:25:after_words"), ("tiger", "left:25")]
)
def test_half_a_challenge_and_one_that_is_malformed_are_refused(words: str, turn: str) -> None:
    with pytest.raises(ValueError, match="turn"):
        Asked.parse(words, turn)


@pytest.mark.parametrize(("role", "kind"), [("enrol", "av"), ("seen", "av"), ("probe", "face")])
def test_only_a_film_with_sound_that_is_tested_answers_a_challenge(tmp_path: Path, role: str, kind: str) -> None:
    (tmp_path / "file").write_text("face=ann voice=ann")
    (tmp_path / "trials.csv").write_text(
        ",".join(HEADER) + f"\nann,e,enrol,av,file,,,,\nann,x,{role},{kind},file,,,tiger,{TURN}\n"
    )
    with pytest.raises(TrialsError, match="line 3: only a probe or an attack of kind av"):
        read_trials(tmp_path / "trials.csv")


def test_what_was_seen_before_is_neither_enrolled_nor_compared(evaluation: Evaluation) -> None:
    assert Role.SEEN not in {test.presentation.role for test in evaluation.tests}
    assert len(evaluation.enrolments) == 1
