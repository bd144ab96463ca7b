"""A sealed record opens with its own key in its own place, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.core.errors import ErrorCode, VaultError
from countersign.vault.sealing import DataKey, Place, Purpose, data_key_id, seal, unseal
from tests.vault.enrolments import STEADY

KEY = DataKey(bytes(range(32)))
PLACE = Place(reference_id=UUID(int=7), purpose=Purpose.REFERENCES, version=3)
NOW = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)


def refusal(sealed: bytes, *, key: DataKey = KEY, place: Place = PLACE) -> VaultError:
    with pytest.raises(VaultError) as refused:
        unseal(sealed, key=key, place=place)
    return refused.value


@STEADY
@given(st.binary(max_size=5000), st.uuids(), st.integers(0, 2**63), st.sampled_from(Purpose))
def test_what_was_sealed_is_unsealed(content: bytes, reference_id: UUID, version: int, purpose: Purpose) -> None:
    key, place = DataKey.generate(), Place(reference_id=reference_id, purpose=purpose, version=version)
    opened = unseal(seal(content, key=key, place=place, sealed_at=NOW), key=key, place=place)
    assert opened.content == content
    assert opened.sealed_at == NOW


def test_any_altered_bit_is_noticed() -> None:
    sealed = seal(b"the references", key=KEY, place=PLACE, sealed_at=NOW)
    for position in range(8 * len(sealed)):
        altered = bytearray(sealed)
        altered[position // 8] ^= 1 << position % 8
        expected = {
            True: ErrorCode.VAULT_MALFORMED,  # the magic number
            False: ErrorCode.VAULT_UNKNOWN_FORMAT if position // 8 == 4 else ErrorCode.VAULT_NOT_AUTHENTIC,
        }[position < 32]
        assert refusal(bytes(altered)).code is expected


def test_no_shorter_or_longer_record_opens() -> None:
    sealed = seal(b"the references", key=KEY, place=PLACE, sealed_at=NOW)
    codes = {refusal(sealed[:length]).code for length in range(len(sealed))} | {refusal(sealed + b"\0").code}
    assert codes == {ErrorCode.VAULT_MALFORMED, ErrorCode.VAULT_NOT_AUTHENTIC}


def test_a_wrong_key_opens_nothing() -> None:
    sealed = seal(b"the references", key=KEY, place=PLACE, sealed_at=NOW)
    assert refusal(sealed, key=DataKey.generate()).code is ErrorCode.VAULT_NOT_AUTHENTIC


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place(reference_id=uuid4(), purpose=Purpose.REFERENCES, version=3),
        Place(reference_id=UUID(int=7), purpose=Purpose.REFERENCES, version=2),
        Place(reference_id=UUID(int=7), purpose=Purpose.REFERENCES, version=4),
        Place(reference_id=UUID(int=7), purpose=Purpose.DATA_KEY, version=3),
    ],
    ids=["another person", "an older version", "a newer version", "another purpose"],
)
def test_a_record_does_not_open_in_another_place(elsewhere: Place) -> None:
    sealed = seal(b"the references", key=KEY, place=PLACE, sealed_at=NOW)
    assert refusal(sealed, place=elsewhere).code is ErrorCode.VAULT_NOT_AUTHENTIC


def test_messages_and_representations_hold_no_secret() -> None:
    sealed = seal(b"the references", key=KEY, place=PLACE, sealed_at=NOW)
    error = refusal(sealed, key=DataKey.generate())
    opened = unseal(sealed, key=KEY, place=PLACE)
    told = f"{error} {error!r} {error.__cause__} {KEY!r} {opened!r}"
    for secret in (KEY.secret, KEY.sealing_key, KEY.template_seed, b"the references", PLACE.reference_id.bytes):
        assert secret.hex() not in told
        assert repr(secret)[2:-1] not in told
    assert str(PLACE.reference_id) not in told


def test_two_sealings_of_the_same_have_nothing_in_common_but_the_key_id() -> None:
    first, second = (seal(bytes(64), key=KEY, place=PLACE, sealed_at=NOW) for _ in range(2))
    assert data_key_id(first) == data_key_id(second) == KEY.key_id
    assert first[-80:] != second[-80:]


def test_what_is_derived_from_a_data_key_is_independent_of_each_other_and_fixed() -> None:
    derived = [KEY.secret, KEY.sealing_key, KEY.template_seed]
    assert len({*derived, KEY.key_id * 2}) == 4
    assert KEY.key_id.hex() == "373fcb7b3d040dbaa5d7b9f1f4a70f40"
    assert KEY.sealing_key.hex() == "dd5a7de9f7a8667eb5ff5f06154e51a379202e029da752268e098fc6130c7022"
    assert KEY.template_seed.hex() == "c6b37d3ad18389d2c2fc88df1fafa553019e2f17bf69f47c8687f92321831cc4"


def test_records_sealed_by_the_first_release_stay_readable() -> None:
    sealed = bytes.fromhex(
        "4353535201373fcb7b3d040dbaa5d7b9f1f4a70f40d9e8fa6900000000f04a406f5015018156c34ad7d7a6fd100ce36dc7f1"
        "dff73dad3bfbddf25ed360739d89c35428ddbec841"
    )
    opened = unseal(sealed, key=KEY, place=PLACE)
    assert (opened.content, opened.sealed_at) == (b"the references", NOW)
