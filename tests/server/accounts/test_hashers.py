"""Hashes cost what they should, and a flood of guesses cannot take all memory."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from countersign.server.accounts import hashers
from countersign.server.accounts.hashers import Argon2Hasher


def test_parameters_are_above_the_recommended_minimum() -> None:
    summary = Argon2Hasher().decode(Argon2Hasher().encode("a password", "a salt of some length"))
    assert summary["variety"] == "argon2id"
    assert summary["memory_cost"] >= 19 * 1024
    assert summary["time_cost"] >= 2


def test_no_more_hashes_are_computed_at_once_than_there_are_places(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most, lock = 0, 0, threading.Lock()

    def slow(*_args: Any, **_kwargs: Any) -> bool:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        threading.Event().wait(0.01)
        with lock:
            at_once -= 1
        return False

    monkeypatch.setattr(hashers, "_AT_ONCE", threading.BoundedSemaphore(2))
    monkeypatch.setattr(Argon2PasswordHasher, "verify", slow)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: Argon2Hasher().verify("a", "b"), range(16)))
    assert most == 2
