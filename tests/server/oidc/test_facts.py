"""What is told to applications is what was done, no more."""

from __future__ import annotations

import pytest

from countersign.server.oidc.facts import Acr, facts

PASSWORD = {"method": "password", "at": 100.4}
PIN = PASSWORD | {"secret": "pin"}
BIOMETRIC = {"method": "biometric", "profile": "standard", "at": 110.9}
TOTP = {"method": "mfa", "type": "totp", "at": 120.0}
PASSKEY = {"method": "mfa", "type": "webauthn", "at": 120.0}
PASSWORDLESS = PASSKEY | {"passwordless": True}
MAIL = {"method": "password_reset", "at": 90.0}


@pytest.mark.parametrize(
    ("records", "acr", "amr", "auth_time"),
    [
        ([PASSWORD], Acr.SINGLE_FACTOR, ("pwd",), 100),
        ([PIN], Acr.SINGLE_FACTOR, ("pin",), 100),
        ([MAIL], Acr.SINGLE_FACTOR, (), 90),
        ([PASSWORD, BIOMETRIC], Acr.BIOMETRIC, ("face", "mfa", "pwd", "vbm"), 110),
        ([PIN, BIOMETRIC], Acr.BIOMETRIC, ("face", "mfa", "pin", "vbm"), 110),
        ([PASSWORD, BIOMETRIC | {"profile": "nist-63b4"}], Acr.BIOMETRIC, ("face", "mfa", "pwd"), 110),
        ([PASSWORD, BIOMETRIC | {"profile": "lab"}], Acr.SINGLE_FACTOR, ("face", "pwd", "vbm"), 110),
        ([PASSWORD, TOTP], Acr.TWO_FACTORS, ("mfa", "otp", "pwd"), 120),
        ([PASSWORD, TOTP | {"type": "recovery_codes"}], Acr.TWO_FACTORS, ("mfa", "otp", "pwd"), 120),
        ([PASSWORD, PASSKEY], Acr.TWO_FACTORS, ("mfa", "pop", "pwd"), 120),
        ([PASSWORDLESS], Acr.TWO_FACTORS, ("mfa", "pop", "user"), 120),
        ([PASSKEY], Acr.SINGLE_FACTOR, ("pop",), 120),
        ([BIOMETRIC], Acr.SINGLE_FACTOR, ("face", "vbm"), 110),
    ],
)
def test_each_way_to_log_in_has_its_class_methods_and_time(
    records: list[dict[str, object]], acr: Acr, amr: tuple[str, ...], auth_time: int
) -> None:
    found = facts(records)
    assert found is not None
    assert (found.acr, found.amr, found.auth_time) == (acr, amr, auth_time)


def test_a_weaker_step_later_does_not_freshen_a_stronger_one() -> None:
    found = facts([PASSWORD, BIOMETRIC, PASSWORD | {"at": 5000.0}])
    assert found is not None
    assert (found.acr, found.auth_time) == (Acr.BIOMETRIC, 110)


def test_of_a_fresh_login_only_what_was_fresh_counts() -> None:
    found = facts([PASSWORD, BIOMETRIC, PASSWORD | {"at": 5000.0}], since=4000.0)
    assert found is not None
    assert (found.acr, found.amr, found.auth_time) == (Acr.SINGLE_FACTOR, ("pwd",), 5000)
    assert facts([PASSWORD, BIOMETRIC], since=4000.0) is None


def test_face_and_voice_again_in_a_session_that_a_password_began_is_the_biometric_class() -> None:
    found = facts([PASSWORD, BIOMETRIC, BIOMETRIC | {"at": 5000.0}], since=4000.0)
    assert found is not None
    assert (found.acr, found.amr, found.auth_time) == (Acr.BIOMETRIC, ("face", "vbm"), 5000)


def test_records_that_say_nothing_known_claim_no_method() -> None:
    unknown: list[dict[str, object]] = [
        {"method": "horoscope", "at": 1.0},
        {"method": "mfa", "type": "gait", "at": 2.0},
        {"method": "x"},
    ]
    found = facts(unknown)
    assert found is not None
    assert (found.acr, found.amr) == (Acr.SINGLE_FACTOR, ())
    assert facts([]) is None


def test_the_class_asked_for_is_named_when_it_is_satisfied() -> None:
    found = facts([PASSWORD, BIOMETRIC])
    assert found is not None
    assert found.claims([Acr.TWO_FACTORS])["acr"] == Acr.TWO_FACTORS
    assert found.claims()["acr"] == Acr.BIOMETRIC
    weak = facts([PASSWORD])
    assert weak is not None
    assert weak.claims([Acr.BIOMETRIC])["acr"] == Acr.SINGLE_FACTOR
