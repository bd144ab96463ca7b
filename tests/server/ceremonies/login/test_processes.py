"""Two server processes: one challenge answered many times at once, attempts at once, and SIGKILL at any moment."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from countersign.server.accounts.models import GuessCounter, User
from countersign.server.audit.keys import chain_keys
from countersign.server.audit.models import AuditEntry
from countersign.server.audit.stored import stored_entries, stored_head
from countersign.server.audit.verification import verify
from countersign.server.ceremonies.models import Attempt, ChallengeRecord
from countersign.server.ceremonies.references.opening import key_environment
from countersign.server.project.current import configuration
from tests.server.ceremonies.people import DeviceKey, enrol
from tests.server.conftest import PASSWORD
from tests.server.databases import Databases
from tests.server.processes import Server, serving

START = "from tests.server.ceremonies.serve_scripted import main; main()"


class Phone:
    """An app at a real server."""

    def __init__(self, server: Server) -> None:
        self._http = httpx.Client(base_url=f"http://localhost:{server.port}", timeout=60)
        self._key = DeviceKey()
        self.device = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def log_in(self) -> None:
        answer = self._http.post("/_allauth/app/v1/auth/login", json={"username": "ann", "password": PASSWORD})
        self._http.headers["X-Session-Token"] = answer.json()["meta"]["session_token"]
        answer = self._http.post("/api/v1/devices", json={"name": "x", "public_key": self._key.public})
        self.device = answer.json()["id"]

    def challenge(self) -> dict[str, Any]:
        answer = self._http.post("/api/v1/challenges", json={"purpose": "login"})
        found: dict[str, Any] = answer.json()
        return found

    def answer(self, challenge: dict[str, Any], media: bytes) -> httpx.Response:
        signature = self._key.sign(f"login/{challenge['id']}", challenge["nonce"], media)
        fields = {"challenge": challenge["id"], "device": self.device, "signature": signature}
        return self._http.post("/api/v1/attempts", data=fields, files={"media": ("film.webm", media, "video/webm")})


@pytest.fixture
def person(own_database: str) -> User:
    person = User.objects.create_user("ann", "ann@example.org", PASSWORD)
    enrol(person)
    connection.close()
    return person


@pytest.fixture
def environment(databases: Databases, own_database: str) -> dict[str, str]:
    return {
        **databases.environment(own_database),
        **key_environment(configuration()),
        "COUNTERSIGN_ACCOUNTS_BIOMETRIC_STEP": "true",
        "COUNTERSIGN_ACCOUNTS_LOGINS_PER_MINUTE": "1000",
        "COUNTERSIGN_SERVER_UPLOADS_AT_ONCE": "40",
        "COUNTERSIGN_SERVER_UPLOADS_PER_MINUTE": "10000",
    }


@pytest.fixture
def server(environment: dict[str, str], person: User, tmp_path: Path) -> Iterator[Server]:
    with serving(environment, tmp_path / "log", "--workers", "2", start=START) as server:
        yield server


def codes(answers: list[httpx.Response]) -> Counter[str]:
    return Counter(str(answer.json().get("outcome") or answer.json()["code"]) for answer in answers)


@pytest.mark.slow
def test_of_answers_at_once_no_more_are_judged_than_one_for_a_challenge_and_five_for_an_account(
    server: Server, person: User
) -> None:
    with Phone(server) as phone:
        phone.log_in()
        challenge = phone.challenge()
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: phone.answer(challenge, b"slow reject"), range(20)))
    found = codes(answers)
    assert found.pop("rejected") == 1
    assert set(found) <= {"challenge.used", "request.busy"}, found
    assert all(answer.headers["Retry-After"] for answer in answers if answer.status_code == 503)
    assert Attempt.objects.count() == 1
    assert GuessCounter.objects.get(key=f"attempt:{person.pk}").failures == 1

    with ExitStack() as stack:
        phones = [stack.enter_context(Phone(server)) for _ in range(12)]
        for each in phones:
            each.log_in()
        asked = [(each, each.challenge()) for each in phones]
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda pair: pair[0].answer(pair[1], b"reject"), asked))
    found = codes(answers)
    # Who found the queue full was told so, and used nothing up.
    held_up = found.pop("attempt.held_up") + found.pop("request.busy", 0)
    assert (found, held_up) == (Counter({"rejected": 4}), 8)
    assert Attempt.objects.count() == 5
    assert ChallengeRecord.objects.filter(state="used").count() == 5, "what was not looked at was not used up"


@pytest.mark.slow
def test_a_server_that_is_killed_while_people_are_judged_leaves_nothing_half(
    server: Server, environment: dict[str, str], tmp_path: Path
) -> None:
    def log_in_until_the_end(_number: int) -> int:
        done = 0
        try:
            while True:
                with Phone(server) as phone:
                    phone.log_in()
                    answer = phone.answer(phone.challenge(), b"accept")
                done += answer.status_code == 200 and answer.json()["outcome"] == "accepted"
        except (httpx.HTTPError, KeyError):
            return done

    with ThreadPoolExecutor(4) as pool:
        busy = [pool.submit(log_in_until_the_end, number) for number in range(4)]
        deadline = time.monotonic() + 60
        while AuditEntry.objects.filter(kind="attempt.accepted").count() < 4:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        server.kill()
        answered = sum(future.result() for future in busy)

    accepted = set(map(str, Attempt.objects.filter(state="accepted").values_list("pk", flat=True)))
    recorded = AuditEntry.objects.filter(kind="attempt.accepted").values_list("details", flat=True)
    assert len(recorded) == len(accepted) >= answered
    assert all(any(attempt in details for attempt in accepted) for details in recorded)
    sessions = [session for session in Session.objects.all() if "_auth_user_id" in session.get_decoded()]
    assert len(sessions) == AuditEntry.objects.filter(kind="session.began").count() == len(accepted)
    head = stored_head()
    assert verify(stored_entries(head), head, chain_keys()).intact
    connection.close()
    with serving(environment, tmp_path / "second log", start=START) as again, Phone(again) as phone:
        phone.log_in()
        assert phone.answer(phone.challenge(), b"accept").json()["outcome"] == "accepted", "and the next start works"
