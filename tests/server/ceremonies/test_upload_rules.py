"""Uploads are bounded before a byte of them is read: in size, number and rate of each address."""

from __future__ import annotations

import asyncio

import pytest
from django.conf import settings

from countersign.server.ceremonies.upload_rules import AddressRate, network, upload_rules
from countersign.server.web.limits import Scope


def scope(address: str = "192.0.2.1", *, forwarded: str = "", method: str = "POST") -> Scope:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return {"type": "http", "method": method, "client": (address, 1234), "headers": headers}


def test_a_bucket_runs_over_and_fills_again() -> None:
    time = [0.0]
    rate = AddressRate(per_minute=6, trusted_proxies=0, now=lambda: time[0])

    def ask(address: str = "192.0.2.1", method: str = "POST") -> int | None:
        return asyncio.run(rate(scope(address, method=method)))

    assert [ask() for _ in range(6)] == [None] * 6
    assert ask() == 11
    assert ask("192.0.2.2") is None, "others are not held up"
    assert ask(method="GET") is None, "nor is looking"
    time[0] += 11
    assert (ask(), ask()) == (None, 9)


@pytest.mark.parametrize(
    ("given", "proxies", "expected"),
    [
        (scope("192.0.2.1", forwarded="203.0.113.9"), 0, "192.0.2.1"),
        (scope("10.0.0.1", forwarded="1.1.1.1, 203.0.113.9"), 1, "203.0.113.9"),
        (scope("10.0.0.1", forwarded="1.1.1.1, 203.0.113.9, 10.0.0.2"), 2, "203.0.113.9"),
        (scope("10.0.0.1", forwarded="203.0.113.9"), 2, "10.0.0.1"),
        (scope("2001:db8:1:2:3:4:5:6"), 0, "2001:db8:1:2::/64"),
        (scope("unix:"), 0, "unknown"),
        ({"type": "http", "method": "POST", "client": None, "headers": []}, 0, "unknown"),
    ],
)
def test_addresses_are_taken_from_the_trusted_proxies_alone(given: Scope, proxies: int, expected: str) -> None:
    assert network(given, proxies) == expected


def test_every_address_that_takes_media_has_a_rule_and_they_share_the_rate() -> None:
    rules = upload_rules(settings.COUNTERSIGN)
    assert {rule.prefix for rule in rules} == {"/api/v1/attempts", "/api/v1/enrolments"}
    assert len({id(rule.admission) for rule in rules}) == 1
    assert all(rule.most_bytes < settings.FILE_UPLOAD_MAX_MEMORY_SIZE for rule in rules), "never on a disk"
