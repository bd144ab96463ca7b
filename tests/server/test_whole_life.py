"""The whole life of an account through the Python client, against a running server with the real engine.

On SQLite and on PostgreSQL. The person is synthetic (see `synthetic_life`), so the profile is `lab`, which compares and checks
nothing else; under `standard` the same person is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from countersign.client import AttemptAccepted, AttemptRejected, Client, DeviceKey, ProblemError, calls
from countersign.models.runtime import Runtime
from tests.server.databases import Databases
from tests.server.processes import Server, serving
from tests.server.synthetic_life import PACES, SyntheticLife, admiral, astronaut

PASSWORD = "correct horse battery staple"  # noqa: S105
PERSON = {
    "name": "Ada Astronaut",
    "username": "ada",
    "email": "ada@example.org",
    "phone": "+31612345670",
    "account_number": "0012345679",
    "password": PASSWORD,
}


@pytest.fixture(scope="module")
def ada(runtime: Runtime) -> SyntheticLife:
    return astronaut(runtime)


@pytest.fixture(scope="module")
def somebody_else(runtime: Runtime) -> SyntheticLife:
    return admiral(runtime)


@pytest.fixture
def environment(databases: Databases, own_database: str) -> dict[str, str]:
    return databases.environment(own_database) | {
        "COUNTERSIGN_ACCOUNTS_BIOMETRIC_STEP": "true",
        "COUNTERSIGN_ENGINE_DECODERS": "1",
    }


@pytest.fixture
def lab(environment: dict[str, str], tmp_path: Path) -> Iterator[Server]:
    lab = environment | {"COUNTERSIGN_POLICY_PROFILE": "lab"}
    with serving(lab, tmp_path / "lab.log", "--insecure") as server:
        yield server


@pytest.fixture
def clients() -> Iterator[Callable[..., Client]]:
    """Makes clients, and closes them."""
    with ExitStack() as stack:
        yield lambda server, **kwargs: stack.enter_context(Client(f"http://localhost:{server.port}", **kwargs))


def refusal(call: Any, *arguments: Any, **kwargs: Any) -> str:
    with pytest.raises(ProblemError) as refused:
        call(*arguments, **kwargs)
    return refused.value.code


@pytest.mark.slow
def test_a_whole_life(  # noqa: PLR0917 - fixtures
    lab: Server,
    environment: dict[str, str],
    tmp_path: Path,
    clients: Callable[..., Client],
    ada: SyntheticLife,
    somebody_else: SyntheticLife,
) -> None:
    person = clients(lab, device_name="Ada's telephone")
    person.sign_up(**PERSON)
    assert not person.is_logged_in()
    person.enrol(ada.sample, tries=len(PACES))
    assert person.try_again(ada.film) == AttemptAccepted()
    assert person.is_logged_in()
    person.log_out()
    assert not person.is_logged_in()

    assert person.log_in(ada.film, email="ada@example.org", password=PASSWORD) == AttemptAccepted()
    references = person.fetch("references")
    assert isinstance(references, list)
    assert {reference["modality"] for reference in references} == {"face", "voice"}

    thief = clients(lab, device_name="A thief's")
    assert isinstance(thief.log_in(somebody_else.film, username="ada", password=PASSWORD), AttemptRejected)
    assert not thief.is_logged_in()
    altered_upload_is_refused(thief, ada)

    history = person.fetch("attempts")
    assert isinstance(history, list)
    assert [attempt["outcome"] for attempt in history] == ["rejected", "accepted", "accepted"]

    lab.kill()
    with serving(environment, tmp_path / "standard.log") as checking:
        again = clients(checking, key=person.key, device=person.device, device_token=person.device_token)
        result = again.log_in(ada.film, username="ada", password=PASSWORD)
        assert not isinstance(result, AttemptAccepted), "a rendered head with a synthesiser's voice"
        assert not again.is_logged_in()


def altered_upload_is_refused(thief: Client, ada: SyntheticLife) -> None:
    """Even a film of the right person, if one bit of it is not what was signed."""
    challenge = thief.run(calls.take_challenge("login"))
    media, media_type = ada.film(challenge)
    purpose = f"login/{challenge.id}"
    upload = calls.signed_upload(
        media, media_type, purpose=purpose, nonce=challenge.nonce, key=thief.key, device=thief.registered()
    )

    class Tampering(DeviceKey):
        def sign_upload(self, media: bytes, *, purpose: str, nonce: str) -> str:
            return upload.fields["signature"]

    flipped = bytes([*media[:5000], media[5000] ^ 1, *media[5001:]])
    key = Tampering.from_pem(thief.key.to_pem())
    call = calls.answer_challenge(challenge, flipped, media_type=media_type, key=key, device=thief.registered())
    assert refusal(thief.run, call) == "upload.signature_invalid"
    assert not thief.is_logged_in()


@pytest.mark.slow
def test_the_end_of_a_life(lab: Server, clients: Callable[..., Client], ada: SyntheticLife) -> None:
    person = clients(lab)
    person.sign_up(**PERSON)
    person.enrol(ada.sample, tries=len(PACES))
    assert person.try_again(ada.film) == AttemptAccepted()
    assert person.try_again(ada.film, purpose="reauthentication") == AttemptAccepted()
    export = person.fetch("export")
    assert isinstance(export, dict)
    assert PERSON["email"] in str(export)
    person.remove("consent")
    assert person.fetch("references") == []
    person.remove("account")
    assert not person.is_logged_in()
    assert refusal(clients(lab).log_in, ada.film, username="ada", password=PASSWORD) == "username_password_mismatch"
