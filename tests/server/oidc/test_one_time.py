"""A code and a refresh token are good once, however many ask at the same moment and in however many processes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from countersign.server.accounts.models import User
from countersign.server.audit.models import AuditEntry
from countersign.server.oidc.models import Grant
from countersign.server.oidc.registration import register
from tests.server.conftest import PASSWORD
from tests.server.databases import Databases
from tests.server.oidc.relying_party import CALLBACK, Browser, RelyingParty
from tests.server.processes import Server, serving

AT_ONCE = 8


def at_once(application: RelyingParty, server: Server, fields: dict[str, str]) -> list[httpx.Response]:
    """The same request, by eight clients of their own, let loose together."""
    barrier = threading.Barrier(AT_ONCE)

    def ask(_number: int) -> httpx.Response:
        with httpx.Client(base_url=f"http://localhost:{server.port}", timeout=60) as client:
            client.get("/healthz")  # connected before the start
            barrier.wait()
            return client.post("/identity/o/api/token", data={"client_id": application.client_id} | fields)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(ask, range(AT_ONCE)))


@pytest.mark.slow
def test_of_eight_at_once_in_two_processes_one_succeeds_and_its_tokens_are_ended(
    databases: Databases, own_database: str, tmp_path: Path
) -> None:
    User.objects.create_user("ann", "ann@example.org", PASSWORD)
    register("shop", name="The shop", redirect_uris=[CALLBACK], public=True)
    with (
        serving(databases.environment(own_database), tmp_path / "log", "--workers", "2") as server,
        httpx.Client(base_url=f"http://localhost:{server.port}", timeout=60) as client,
    ):
        shop = RelyingParty(backchannel=client)
        browser = Browser(client=client)
        browser.visit(shop.request())
        browser.log_in("ann", PASSWORD)

        def code() -> str:
            browser.visit(shop.request())
            browser.consent()
            return shop.answered(browser.left_for)["code"]

        fields = {"grant_type": "authorization_code", "code": code(), "redirect_uri": CALLBACK}
        answers = at_once(shop, server, fields | {"code_verifier": shop.verifier})
        check_one_success_and_a_dead_family(shop, answers)
        tokens = shop.redeem(code()).json()
        shop.claims(tokens)
        fields = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        check_one_success_and_a_dead_family(shop, at_once(shop, server, fields))
    assert Grant.objects.live().count() == 0
    assert AuditEntry.objects.filter(kind="application.credential_reused").count() == 2 * (AT_ONCE - 1)


def check_one_success_and_a_dead_family(shop: RelyingParty, answers: list[httpx.Response]) -> None:
    good = [answer for answer in answers if answer.status_code == 200]
    assert len(good) == 1, [answer.text for answer in answers]
    assert {answer.json()["error"] for answer in answers if answer not in good} == {"invalid_grant"}
    tokens = good[0].json()
    assert shop.user_info(tokens["access_token"]).status_code == 401
    assert shop.refresh(tokens["refresh_token"]).json() == {"error": "invalid_grant"}
