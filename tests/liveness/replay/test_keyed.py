from __future__ import annotations

import numpy as np
import pytest

from countersign.liveness.replay.keyed import KEY_BYTES, Domain, TokenKey

ONE, OTHER = TokenKey(bytes(KEY_BYTES)), TokenKey(bytes([1] * KEY_BYTES))
LANDMARKS = np.arange(10_000, dtype=np.int64)


def test_tokens_are_the_same_every_time_and_fit_a_signed_column_of_four_bytes() -> None:
    tokens = ONE.tokens(Domain.SOUND_PAIR, LANDMARKS)
    assert np.array_equal(tokens, TokenKey(bytes(KEY_BYTES)).tokens(Domain.SOUND_PAIR, LANDMARKS))
    assert tokens.min() >= 0
    assert tokens.max() < 2**31


def test_another_key_or_another_domain_gives_tokens_that_agree_by_chance_only() -> None:
    tokens = ONE.tokens(Domain.SOUND_PAIR, LANDMARKS)
    for others in (OTHER.tokens(Domain.SOUND_PAIR, LANDMARKS), ONE.tokens(Domain.PICTURE, LANDMARKS)):
        assert np.count_nonzero(tokens == others) == 0
        assert len(np.intersect1d(tokens, others)) <= 3  # 10,000 x 10,000 / 2**31 is 0.05


def test_tokens_look_random_though_landmarks_do_not() -> None:
    bits = (ONE.tokens(Domain.SOUND_PAIR, LANDMARKS)[:, None] >> np.arange(31)) & 1
    assert np.all(np.abs(bits.mean(axis=0) - 0.5) < 0.025)


def test_directions_are_signs_and_differ_from_key_to_key() -> None:
    signs = ONE.signs(63, 350)
    assert signs.shape == (63, 350)
    assert set(np.unique(signs)) == {-1.0, 1.0}
    assert abs(float(np.mean(signs * OTHER.signs(63, 350)))) < 0.05


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        TokenKey(b"short")
