"""The API keeps to its own description, whatever it is sent and whoever sends it: a running server, asked by Schemathesis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest
import schemathesis
from django.db import connection
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.generation.case import Case
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from countersign.core.errors import ErrorCode
from countersign.server.accounts.models import User
from countersign.server.ceremonies.callers import SESSION_HEADER
from countersign.server.ceremonies.problem_codes import ProblemCode
from countersign.server.ceremonies.references.opening import key_environment
from countersign.server.project.current import configuration
from tests.server.ceremonies import open_eyes
from tests.server.ceremonies.people import DeviceKey, enrol
from tests.server.conftest import PASSWORD
from tests.server.databases import Databases
from tests.server.processes import Server, serving

START = "from tests.server.ceremonies.serve_scripted import main; main()"
CODES = {code.value for code in ProblemCode} | {code.value for code in ErrorCode}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
"""Not asked: that what the description does not allow is refused (fields that nobody knows are passed over, and numbers
in text are read); that what it allows is done (most of it is about somebody's own devices, challenges and enrolments); and
what tries other credentials than the caller's, for callers are what the tests differ in."""

Operation: TypeAlias = APIOperation[Any, Any, Any, Any]
_numbers = count(1)
_few = settings(derandomize=True, database=None, deadline=None, max_examples=3, suppress_health_check=list(HealthCheck))


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What a request carries, and ids that are the caller's own, by the name of the parameter."""

    headers: dict[str, str]
    own: dict[str, str]


def nobody(_server: Server) -> Caller:
    return Caller(headers={}, own={})


def newcomer(server: Server) -> Caller:
    """Whose password was held good, and who has nothing enrolled yet."""
    return _pending(server, enrolled=False)


def halfway(server: Server) -> Caller:
    """Whose password was held good, and who is asked for face and voice."""
    return _pending(server, enrolled=True)


def inside(server: Server) -> Caller:
    """Who is logged in, and has just proved who they are; an enrolment is open."""
    key = DeviceKey()
    with _client(server, _pending(server, enrolled=True)) as http:
        device = http.post("/devices", json={"name": "A phone", "public_key": key.public}).json()["id"]
        for purpose in ("login", "reauthentication"):
            challenge = http.post("/challenges", json={"purpose": purpose}).json()
            media = f"accept {purpose}".encode()
            signature = key.sign(f"{purpose}/{challenge['id']}", challenge["nonce"], media)
            answer = http.post(
                "/attempts",
                data={"challenge": challenge["id"], "device": device, "signature": signature},
                files={"media": ("film.webm", media, "video/webm")},
            )
            http.headers[SESSION_HEADER] = answer.json()["session_token"] or http.headers[SESSION_HEADER]
        http.post("/consent", json={"version": http.get("/consent").json()["version"]})
        enrolment = http.post("/enrolments", json={"kind": "add"}).json()["id"]
        return Caller(
            headers={SESSION_HEADER: http.headers[SESSION_HEADER]},
            own={"device": device, "enrolment": enrolment},
        )


def _pending(server: Server, *, enrolled: bool) -> Caller:
    name = f"person{next(_numbers)}"
    person = User.objects.create_user(name, f"{name}@example.org", PASSWORD)
    if enrolled:
        enrol(person)
    connection.close()
    answer = server.ask("POST", "/_allauth/app/v1/auth/login", {"username": name, "password": PASSWORD})
    assert answer.status == 401, answer
    return Caller(headers={SESSION_HEADER: answer.body["meta"]["session_token"]}, own={})


def _client(server: Server, caller: Caller) -> httpx.Client:
    return httpx.Client(base_url=f"http://localhost:{server.port}/api/v1", headers=caller.headers, timeout=60)


@pytest.fixture
def server(databases: Databases, own_database: str, tmp_path: Path) -> Iterator[Server]:
    if databases.name != "sqlite":
        pytest.skip("what is asked is not about the database")
    environment = {
        **databases.environment(own_database),
        **key_environment(configuration()),
        "COUNTERSIGN_ACCOUNTS_BIOMETRIC_STEP": "true",
        "COUNTERSIGN_ACCOUNTS_LOGINS_PER_MINUTE": "1000",
        "COUNTERSIGN_SERVER_UPLOADS_PER_MINUTE": "10000",
        "SCRIPTED_ENGINE_ROOM": open_eyes.ROOM,
    }
    with serving(environment, tmp_path / "log", start=START) as server:
        yield server


@pytest.mark.slow
def test_every_answer_is_as_described_and_every_refusal_has_a_code(server: Server) -> None:
    schema = schemathesis.openapi.from_url(f"http://localhost:{server.port}/api/v1/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) > 20
    seen: set[int] = set()
    for kind in (nobody, newcomer, halfway, inside):
        caller = kind(server)
        for operation in operations:
            seen |= _asked(operation, caller)
            if caller.own and (operation.method == "delete" or operation.path.endswith("/enrolments")):
                caller = kind(server)  # what was the caller's own is gone, or the caller is
    assert seen >= {200, 201, 204, 401, 403, 404, 409, 422}, "the callers come as far as they should"


def _asked(operation: Operation, caller: Caller) -> set[int]:
    """The statuses it answered with."""
    seen: set[int] = set()

    def ask(case: Case[Any]) -> None:
        case.headers.pop(SESSION_HEADER, None)
        answer = case.call_and_validate(headers=caller.headers, checks=CHECKS)
        seen.add(answer.status_code)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == ["application/problem+json"]
            assert answer.json()["code"] in CODES

    parameters = {each.name for each in operation.path_parameters}
    own = {name: value for name, value in caller.own.items() if name in parameters}
    _few(given(case=operation.as_strategy(path_parameters=own or None))(ask))()
    _few(given(case=operation.as_strategy(GenerationMode.NEGATIVE))(ask))()
    return seen
