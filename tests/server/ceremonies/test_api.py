"""The root of the API: who is let in how far, and what everybody else is told."""

from __future__ import annotations

from django.test import Client


def test_the_description_is_served_and_its_page_runs_no_foreign_script(client: Client, db: None) -> None:
    assert client.get("/api/v1/openapi.json").json()["openapi"].startswith("3.")
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert "//cdn" not in page.content.decode()
