"""What is kept of an attempt: JSON of numbers and codes, whatever was found."""

from __future__ import annotations

import json

from countersign.policy.decide import decide
from countersign.policy.profiles import STANDARD
from countersign.server.ceremonies.login.findings import findings
from tests.server.ceremonies.scripted import evidence


def test_a_rejection_is_kept_with_every_figure_and_reason() -> None:
    found = evidence("reject")
    kept = findings(found, decide(found, STANDARD), {"decode": 12.3456789})
    assert (kept["outcome"], kept["reasons"]) == ("rejected", ["face_too_low", "voice_too_low"])
    assert kept["face"]["llr"] == -9.0
    assert kept["face"]["model"].startswith("dlib-resnet@")
    assert set(kept["checks"]) >= {"phrase", "turn", "lips", "replay"}
    assert kept["timings_ms"] == {"face": 1.0, "voice": None, "decode": 12.345679}


def test_what_did_not_run_is_kept_as_that() -> None:
    found = evidence("retry")
    kept = findings(found, decide(found, STANDARD), {})
    assert kept["reasons"] == ["too_dark"]
    assert kept["face"] == {"status": "failed", "reason": "too_dark"}
    assert kept["fused"] == {"status": "not_assessed", "reason": "no face"}


def test_it_is_json_that_every_database_takes() -> None:
    for script in ("accept", "reject", "retry"):
        found = evidence(script)
        json.dumps(findings(found, decide(found, STANDARD), {"decode": float("inf")}), allow_nan=False)
