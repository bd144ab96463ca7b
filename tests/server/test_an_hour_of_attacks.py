"""An hour of attacks: a running server with the default profile and the real engine, its owner, and those who are not.

The films are composed (`evaluation/attacks/composed.py`): a real sentence, and a rendered turn of the same face. What is
asked stands in a file (`chosen_challenges`), because no film can answer what is drawn after it was made. All people are of the
develop side of the samples. One SQLite database, an account for each attack.

That uploads are bound to device, session and challenge, that attempts are counted, and what is kept of them, have tests of
their own in `ceremonies/login`, on both databases; that media bombs are refused has in `tests/media`. Here is all of it at once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from countersign.cli.demo.espeak import speak
from countersign.client import (
    AttemptAccepted,
    AttemptRejected,
    AttemptResult,
    AttemptRetry,
    Challenge,
    Client,
    ProblemError,
    calls,
    parse,
)
from countersign.client.exchange import Ask, Call, Upload
from countersign.core.evidence import CheckName
from countersign.core.samples import SAMPLE_RATE_HZ, Capture
from countersign.evaluation.attacks.clip import Clip
from countersign.evaluation.attacks.species import Material, Species, make
from countersign.face.path import FacePath
from countersign.liveness.challenge import Side, TurnOrder, TurnPath
from countersign.media.decode import decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.pipeline import Engine
from countersign.server.accounts.models import User
from countersign.server.ceremonies.models import Attempt
from countersign.server.ceremonies.references.opening import key_environment
from countersign.server.project.current import configuration
from tests.server.chosen_challenges import START, VARIABLE
from tests.server.conftest import PASSWORD
from tests.server.databases import Databases, copied
from tests.server.processes import serving
from tests.server.town import Filmed, Studio, Town

pytestmark = pytest.mark.slow

ENROLLED = ("bbaf2n", "bbbf6n", "bbif1a", "bbwg3a")
OWN, OWN_WORDS = "bwwa8n", ("bin", "white", "with", "a", "eight", "now")
LATER, LATER_WORDS = "bwat2n", ("bin", "white", "at", "t", "two", "now")
THIRD, THIRD_WORDS = "brbt1s", ("bin", "red", "by", "t", "one", "soon")
OTHER, OTHER_WORDS = "lbax4n", ("lay", "blue", "at", "x", "four", "now")
FIRST_LEFT = TurnPath(first=Side.LEFT, extent_deg=25, order=TurnOrder.BEFORE_WORDS)
LEFT = TurnPath(first=Side.LEFT, extent_deg=25, order=TurnOrder.AFTER_WORDS)
RIGHT = TurnPath(first=Side.RIGHT, extent_deg=25, order=TurnOrder.AFTER_WORDS)


@pytest.fixture(scope="module")
def studio(samples: Path, runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(
        samples=samples, folder=tmp_path_factory.mktemp("studio"), path=FacePath.load(runtime, pack=Pack.CORE)
    )


@pytest.fixture(scope="module")
def own(studio: Studio) -> tuple[Clip, Filmed]:
    """The owner, as the challenge asks. Nobody hands it in as it is: what is made of it is seen for the first time."""
    return studio.film(studio.samples / f"av/grid/s1/{OWN}.mpg", OWN_WORDS, LEFT)


@pytest.fixture(scope="module")
def town(
    _servers: Callable[[str], Databases],
    django_db_blocker: DjangoDbBlocker,
    samples: Path,
    runtime: Runtime,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Town]:
    engine, folder = Engine.load(runtime, pack=Pack.CORE), tmp_path_factory.mktemp("town")
    clips = [(samples / f"av/grid/s1/{name}.mpg").read_bytes() for name in ENROLLED]
    enrolment = engine.enrol([engine.extract(decode(Capture(data=clip))) for clip in clips])
    databases = _servers("sqlite")
    with django_db_blocker.unblock(), copied(databases) as database:
        environment = {
            **databases.environment(database),
            **key_environment(configuration()),
            "COUNTERSIGN_ACCOUNTS_BIOMETRIC_STEP": "true",
            "COUNTERSIGN_ACCOUNTS_LOGINS_PER_MINUTE": "1000",
            "COUNTERSIGN_SERVER_UPLOADS_AT_ONCE": "40",
            "COUNTERSIGN_SERVER_UPLOADS_PER_MINUTE": "1000",
            "COUNTERSIGN_ENGINE_DECODERS": "1",
            VARIABLE: str(folder / "asked"),
        }
        with serving(environment, folder / "log", start=START) as server:
            town = Town(server, folder / "asked", enrolment)
            yield town
            town.close()


def refusal(call: Any, *arguments: Any, **kwargs: Any) -> str:
    with pytest.raises(ProblemError) as refused:
        call(*arguments, **kwargs)
    return refused.value.code


def tells_nothing(response: httpx.Response) -> None:
    """Neither a figure nor which check it was."""
    body = response.json()
    if response.status_code == 200:
        assert set(body) <= {"outcome", "advice", "attempts_left", "fallbacks"}
        assert all(set(each) == {"code", "text"} for each in body.get("advice", []))
    else:
        assert response.headers["Content-Type"].startswith("application/problem+json")
        assert {"code", "title", "status"} <= set(body) <= {"type", "title", "status", "code", "detail", "errors"}
    said = json.dumps({name: value for name, value in body.items() if name not in {"type", "code"}})
    assert not any(check.value in said for check in CheckName)
    assert "llr" not in said


def test_nobody_else_is_let_in(town: Town, studio: Studio, own: tuple[Clip, Filmed]) -> None:
    clip, film = own
    spoken = speak(" ".join(OWN_WORDS), voice="en", pitch=40)
    material = Material(clip=clip, clone=spoken, turn=LEFT)
    shown = {str(each): attack(studio, each, material) for each in (Species.PRINT, Species.TABLET, Species.CLONED)}
    shown["voice under a still picture"] = attack(studio, Species.STILL, material)
    shown["other challenge"] = replace(film, words=THIRD_WORDS)
    shown["other person"] = studio.film(studio.samples / f"av/grid/rizkiarm/{OTHER}.mpg", OTHER_WORDS, LEFT)[1]
    why = {}
    for number, (name, attempt) in enumerate(shown.items()):
        town.asks(attempt)
        account, thief = town.resident(f"victim{number}"), town.client()
        result = thief.log_in(attempt, username=account.username, password=PASSWORD)
        assert isinstance(result, (AttemptRejected, AttemptRetry)), f"{name} was let in: {findings(account)}"
        assert not thief.is_logged_in()
        tells_nothing(next(each for each in reversed(town.told) if each.url.path == "/api/v1/attempts"))
        why[name] = failed(account)
    assert "phrase" in why["other challenge"]
    assert "lips" in why["cloned-voice"]
    assert "lips" in why["voice under a still picture"]
    assert why["print"] & {"turn", "solid"}


def test_the_owner_is_let_in_once_with_one_film(town: Town, studio: Studio) -> None:
    film = studio.film(studio.samples / f"av/grid/s1/{LATER}.mpg", LATER_WORDS, RIGHT)[1]
    town.asks(film)
    account, owner = town.resident("ann"), town.client()
    assert owner.log_in(film, username="ann", password=PASSWORD) == AttemptAccepted(), findings(account)
    assert owner.is_logged_in()
    owner.log_out()
    assert refusal(owner.fetch, "references") == "session.required"

    assert isinstance(owner.log_in(film, username="ann", password=PASSWORD), AttemptRejected), "seen before"
    assert failed(account) == {"replay"}
    tells_nothing(town.told[-1])


def test_what_was_stolen_on_its_way_is_worth_nothing(town: Town, studio: Studio) -> None:
    film = studio.film(studio.samples / f"av/grid/s1/{THIRD}.mpg", THIRD_WORDS, FIRST_LEFT)[1]
    town.asks(film)
    account, owner, thief = town.resident("mallorys-victim"), town.client(), town.client()
    begin(owner, account)
    challenge = owner.run(calls.take_challenge("login"))
    captured = upload(owner, challenge, film.media)

    begin(thief, account)
    assert refusal(thief.run, sent(thief, captured)) == "challenge.unknown", "another login's challenge"
    assert refusal(thief.fetch, "references") == "session.pending", "a password alone"
    flipped = bytes([*film.media[:5000], film.media[5000] ^ 1, *film.media[5001:]])
    altered = replace(captured, upload=replace(uploaded(captured), media=flipped))
    assert refusal(owner.run, sent(owner, altered)) == "upload.signature_invalid"
    other_purpose = replace(
        captured, upload=signed(owner, challenge, film.media, purpose=f"reauthentication/{challenge.id}")
    )
    assert refusal(owner.run, sent(owner, other_purpose)) == "upload.signature_invalid"

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: raw(town, owner, captured), range(20)))
    found = Counter(answer.json().get("outcome") or answer.json()["code"] for answer in answers)
    assert found.pop("accepted", 0) == 1, (found, findings(account))
    assert set(found) <= {"challenge.used", "request.busy"}
    assert Attempt.objects.filter(account=account).count() == 1, "exactly one was looked at"
    connection.close()
    let_in = next(answer for answer in answers if answer.status_code == 200)
    token = {"X-Session-Token": let_in.json()["session_token"]}
    for answer in answers:
        if answer is not let_in:
            tells_nothing(answer)

    with httpx.Client(base_url=f"http://localhost:{town.server.port}") as http:
        assert http.get("/api/v1/references", headers=token).status_code == 200
        assert raw(town, owner, captured, token).json()["code"] == "challenge.unknown", "not of the session it led to"
        http.delete("/_allauth/app/v1/auth/session", headers=token)
        ended = http.get("/api/v1/references", headers=token)
        assert ended.json()["code"] == "session.unknown"
        as_cookie = {"Cookie": f"sessionid={token['X-Session-Token']}"}
        assert http.get("/api/v1/references", headers=as_cookie).status_code == 401


def test_what_is_no_film_is_refused_and_after_five_nothing_is_looked_at(
    town: Town, studio: Studio, own: tuple[Clip, Filmed]
) -> None:
    clip, film = own
    town.asks(film)
    account, thief = town.resident("burglar-victim"), town.client()
    begin(thief, account)
    corrupt = film.media[:200] + np.random.default_rng(0).bytes(len(film.media) - 200)
    still = Clip(pictures=(clip.pictures[0],) * 500, sound=np.zeros(20 * SAMPLE_RATE_HZ, np.float32))
    long = studio.written(still, film.words, film.turn).media
    assert len(long) < 500_000, "small, and more than allowed once it is unpacked"
    refused = {
        "no film": (b"no film at all", "media.unsupported"),
        "empty but for its head": (film.media[:200], "media.truncated"),
        "corrupt": (corrupt, "media.truncated"),
        "cut off": (film.media[: len(film.media) // 20], "media.truncated"),
        "unpacks to too much": (long, "media.too_long"),
    }
    challenge = thief.run(calls.take_challenge("login"))
    too_large = upload(thief, challenge, bytes(configuration().server.max_upload_bytes + 100_000))
    assert refusal(thief.run, sent(thief, too_large)) == "request.too_large", "not looked at, and not counted"
    tells_nothing(town.told[-1])
    for name, (media, code) in refused.items():
        challenge = thief.run(calls.take_challenge("login"))
        assert refusal(thief.run, sent(thief, upload(thief, challenge, media))) == code, name
        tells_nothing(town.told[-1])

    assert refusal(thief.run, calls.take_challenge("login")) == "attempt.held_up", "five failures"
    tells_nothing(town.told[-1])
    assert int(town.told[-1].headers["Retry-After"]) > 0
    assert not thief.is_logged_in()


def begin(client: Client, account: User) -> None:
    """The password, and this device's key."""
    client.run(calls.begin_login(username=account.username, password=PASSWORD))
    client.registered()


def signed(client: Client, challenge: Challenge, media: bytes, *, purpose: str) -> Upload:
    by_device = calls.signed_upload(
        media, "video/webm", purpose=purpose, nonce=challenge.nonce, key=client.key, device=client.registered()
    )
    return replace(by_device, fields={**by_device.fields, "challenge": str(challenge.id)})


def upload(client: Client, challenge: Challenge, media: bytes) -> Ask:
    """The request that answers `challenge`."""
    body = signed(client, challenge, media, purpose=f"login/{challenge.id}")
    return Ask(method="POST", path="/api/v1/attempts", upload=body)


def uploaded(ask: Ask) -> Upload:
    assert ask.upload is not None
    return ask.upload


def sent(client: Client, ask: Ask) -> Call[AttemptResult]:
    answer = yield ask
    return parse.parsed(answer.body, parse.attempt)


def raw(town: Town, client: Client, ask: Ask, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """The same request as it is on the wire, on a connection of its own."""
    with httpx.Client(base_url=f"http://localhost:{town.server.port}", timeout=60) as http:
        request = client._held.request(http, ask)
        request.headers.update(headers or {})
        return http.send(request)


def attack(studio: Studio, species: Species, material: Material) -> Filmed:
    made = make(species, material, seed=0)
    assert made is not None
    return studio.written(made.clip, OWN_WORDS, LEFT)


def failed(account: User) -> set[str]:
    """The checks that refused the latest attempt, for the operator's eyes."""
    return set(findings(account)["failed_checks"])


def findings(account: User) -> Any:
    kept = Attempt.objects.filter(account=account).order_by("-at").values_list("findings", flat=True)[0]
    connection.close()
    return kept
