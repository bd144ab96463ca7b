"""The root of the API: its description, and what everybody is told who asks for what is not there."""

from __future__ import annotations

import pytest
from django.test import Client

from countersign.server.ceremonies.problem_codes import ProblemCode


@pytest.mark.usefixtures("db")
def test_the_description_is_served_and_its_page_runs_no_foreign_script(client: Client) -> None:
    description = client.get("/api/v1/openapi.json").json()
    assert description["openapi"].startswith("3.")
    assert "/api/v1/attempts" in description["paths"], "the stage of the login is described as well"
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert "//cdn" not in page.content.decode()


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("PUT", "/devices", ProblemCode.METHOD),
        ("POST", "/devices", ProblemCode.SESSION_REQUIRED),
        ("POST", "/attempts", ProblemCode.SESSION_REQUIRED),
        ("GET", "/attempts", ProblemCode.SESSION_REQUIRED),
        ("POST", "/fallback", ProblemCode.SESSION_REQUIRED),
    ],
)
def test_refusals_are_problems_with_a_code(client: Client, method: str, path: str, code: ProblemCode) -> None:
    answer = client.generic(method, f"/api/v1{path}", "{", content_type="application/json")
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (answer.status_code, body["code"], body["title"]) == (code.status, code.value, code.meaning)
    assert body["status"] == code.status


@pytest.mark.usefixtures("db")
def test_problems_are_described_with_their_status_and_type(client: Client) -> None:
    description = client.get("/api/v1/openapi.json").json()
    for operations in description["paths"].values():
        for operation in operations.values():
            answers = operation["responses"]
            assert {str(code.status) for code in ProblemCode} <= answers.keys()
            for status, answer in answers.items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"]


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing"), ("POST", "/devices/"), ("GET", "/")])
def test_an_address_that_is_none_is_a_problem_too(client: Client, method: str, path: str) -> None:
    answer = client.generic(method, f"/api/v1{path}")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (404, "request.not_found")
