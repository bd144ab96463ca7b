"""Keys of devices: of one curve, of one account, listed, removed, and gone with the password."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from countersign.server.accounts.models import User
from countersign.server.audit.models import AuditEntry
from countersign.server.ceremonies.models import SigningDevice
from countersign.server.ceremonies.uploads import from_base64url, to_base64url
from tests.server.ceremonies.people import DeviceKey, Visitor


@pytest.fixture
def visitor(enrolled: User) -> Visitor:
    """Logged in at a browser."""
    visitor = Visitor()
    visitor.log_in()
    visitor.attempt()
    return visitor


def spki(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return to_base64url(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


@pytest.mark.parametrize(
    "key",
    [
        spki(ec.generate_private_key(ec.SECP384R1())),
        spki(ec.generate_private_key(ec.SECP256K1())),
        spki(rsa.generate_private_key(65537, 2048))[:300],
        "AAAA",
        "",
        "not base64url!",
        "é",
    ],
)
def test_only_points_of_p256_are_keys(visitor: Visitor, key: str) -> None:
    answer = visitor.api("POST", "/devices", {"name": "x", "public_key": key})
    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")
    assert answer.json()["errors"][0]["field"] == "public_key"
    assert key == "" or key not in answer.content.decode()


@pytest.mark.parametrize("name", ["", "x" * 61, "a\0b", "a\nb", "a\x7fb"])
def test_a_name_is_a_line_of_text(visitor: Visitor, name: str) -> None:
    answer = visitor.api("POST", "/devices", {"name": name, "public_key": visitor.key.public})
    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")
    assert answer.json()["errors"][0]["field"] == "name"


def test_the_same_key_registered_again_is_the_same_device(visitor: Visitor) -> None:
    again = visitor.register()
    assert again.status_code == 201
    assert len(visitor.api("GET", "/devices").json()) == 1


def test_a_removed_device_signs_nothing_any_more(visitor: Visitor) -> None:
    assert visitor.api("DELETE", f"/devices/{visitor.device}").status_code == 204
    assert AuditEntry.objects.last().kind == "signing_device.removed"  # type: ignore[union-attr]
    answer = visitor.answer(visitor.challenge("reauthentication"))
    assert (answer.status_code, answer.json()["code"]) == (403, "device.unknown")
    assert visitor.api("DELETE", f"/devices/{visitor.device}").status_code == 404


def test_nobody_removes_or_uses_the_device_of_another(visitor: Visitor) -> None:
    bob = User.objects.create_user("bob", password="a quite different secret")  # noqa: S106
    theirs = SigningDevice.objects.register(
        bob, name="x", public_key=from_base64url(DeviceKey().public), known_device=None, pending=""
    )
    assert visitor.api("DELETE", f"/devices/{theirs.pk}").status_code == 404
    answer = visitor.answer(visitor.challenge("reauthentication"), device=str(theirs.pk))
    assert answer.json()["code"] == "device.unknown"


def test_a_new_password_takes_all_of_them_away(visitor: Visitor, enrolled: User) -> None:
    assert SigningDevice.objects.count() == 1
    enrolled.set_password("a quite different secret")
    enrolled.save()
    assert SigningDevice.objects.count() == 0


def test_an_account_has_twenty_at_most(visitor: Visitor, enrolled: User) -> None:
    for _ in range(22):
        key = from_base64url(DeviceKey().public)
        SigningDevice.objects.register(enrolled, name="x", public_key=key, known_device=None, pending="")
    assert SigningDevice.objects.count() <= 21
    assert SigningDevice.objects.filter(pk=visitor.device).exists(), "one that was used stays before one that never was"


def test_the_key_of_a_login_that_was_never_completed_is_good_for_nothing_else(enrolled: User) -> None:
    first, second = Visitor(), Visitor()
    first.log_in()
    first.register()
    second.log_in()
    second.key, second.device = first.key, first.device
    answer = second.answer(second.challenge())
    assert (answer.status_code, answer.json()["code"]) == (403, "device.unknown")
    assert second.register().json()["id"] == first.device, "until it is registered for this one"
    assert second.answer(second.challenge()).json()["outcome"] == "accepted"
