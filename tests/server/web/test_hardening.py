"""Every page is sent with headers that take away what it does not need, and needs nothing that they take away."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from countersign.server.accounts.models import User
from tests.server.accounts.test_pages import log_in
from tests.server.accounts.test_second_factors import activate
from tests.server.conftest import PASSWORD

OPEN_PAGES = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/password/reset/done/"]
PAGES = [
    "/account/",
    "/accounts/logout/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
    "/accounts/sessions/",
    "/account/details/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/recovery-codes/",
]


def pages(client: Client) -> dict[str, str]:
    """Every page, as a person sees it, by its address."""
    seen = {path: client.get(path) for path in OPEN_PAGES}
    log_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    seen |= {path: client.get(path) for path in PAGES[:-1]}
    activate(client)
    seen[PAGES[-1]] = client.get(PAGES[-1])
    assert {path: page.status_code for path, page in seen.items() if page.status_code != 200} == {}
    return {path: page.content.decode() for path, page in seen.items()}


def test_no_page_has_inline_script_handlers_or_a_second_origin(person: User, client: Client) -> None:
    for path, page in pages(client).items():
        for tag in re.findall(r"<script[^>]*>", page):
            assert "src=" in tag or 'type="application/json"' in tag, f"{path}: {tag}"
        assert not re.search(r"\son\w+\s*=", page), path
        assert "javascript:" not in page, path
        assert " style=" not in page, path
        assert not re.search(r"(src|href)=\"(https?:)?//", page), path


def test_every_page_is_one_of_ours_and_speaks_to_screen_readers(person: User, client: Client) -> None:
    for path, page in pages(client).items():
        assert 'lang="en-gb"' in page, path
        assert re.search(r"<title>\s*\S", page), path
        assert page.count("<main") == 1, path
        labelled = set(re.findall(r'<label for="([^"]+)"', page))
        wanted = re.findall(r'<(?:input|textarea)(?![^>]*type="(?:hidden|submit)")[^>]*\sid="([^"]+)"', page)
        assert set(wanted) <= labelled, f"{path}: {set(wanted) - labelled}"


def test_headers_are_strict(person: User, client: Client) -> None:
    headers = client.get("/accounts/login/").headers
    policy = dict(directive.split(" ", 1) for directive in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "camera=(self)" in headers["Permissions-Policy"]
    assert "microphone=(self)" in headers["Permissions-Policy"]
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"]


def test_the_console_alone_may_evaluate(person: User, client: Client) -> None:
    assert "'unsafe-eval'" in client.get("/console/").headers["Content-Security-Policy"]
    for path in ("/account/", "/accounts/login/", "/static/web/style.css", "/_allauth/browser/v1/config"):
        assert "unsafe" not in client.get(path).headers["Content-Security-Policy"], path


@pytest.mark.usefixtures("db")
def test_static_files_are_served_straight_from_the_packages(client: Client) -> None:
    whole = client.get("/static/web/style.css")
    assert whole.headers["Content-Type"].startswith("text/css")
    assert "max-age=300" in whole.headers["Cache-Control"]
    part = client.get("/static/web/style.css", headers={"Range": "bytes=0-9"})
    assert (part.status_code, len(part.content)) == (206, 10)
    assert client.get(
        "/static/web/style.css", headers={"If-None-Match": whole.headers.get("ETag", "x")}
    ).status_code in {200, 304}
    assert client.head("/static/web/style.css").content == b""
    assert client.get("/static/../settings.py").status_code == 404


def test_errors_are_pages_of_ours(person: User, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(client)
    assert client.get("/console/login/").status_code == 403
    texts = {
        404: client.get("/nowhere/"),
        403: client.get("/console/login/"),
        429: [Client().post("/accounts/signup/", {}) for _ in range(21)][-1],
    }
    for status, page in texts.items():
        assert page.status_code == status
        assert "<main" in page.content.decode()
    strict = Client(enforce_csrf_checks=True)
    assert "This form is too old" in strict.post("/accounts/login/", {}).content.decode()
    monkeypatch.setattr("countersign.server.web.views.AccountView.get", lambda *_: 1 / 0)
    client.raise_request_exception = False
    broken = client.get("/account/")
    assert broken.status_code == 500
    assert "Something went wrong" in broken.content.decode()
    assert "ZeroDivision" not in broken.content.decode()
