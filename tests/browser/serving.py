"""A real server in a process of its own, over a database of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ports import free_port
from tests.server.processes import without_settings

REPOSITORY = Path(__file__).parent.parent.parent
PASSWORD = "correct horse battery staple"  # noqa: S105 - of people who do not exist
_START = """
import sys, django
django.setup()
from django.core.management import call_command
call_command("migrate", interactive=False, verbosity=0)
call_command("createcachetable", database="cache", verbosity=0)
from countersign.server.accounts.models import User
User.objects.create_user("ann", "ann@example.org", sys.argv[2], name="Ann Other", phone="+31612345678")
import uvicorn
uvicorn.run("countersign.server.project.asgi:application", port=int(sys.argv[1]), log_level="warning", lifespan="off")
"""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the pages are, and a say in what the scripted API answers."""

    port: int

    @property
    def url(self) -> str:
        """Of the start page, without the last slash."""
        return f"http://localhost:{self.port}"

    def script(self, **answers: object) -> None:
        """Start anew: answers by "METHOD /path", and `consent`, `enrolled`, `accepted`."""
        self._control(json.dumps(answers).encode())

    def asked(self, name: str) -> list[dict[str, Any]]:
        """Requests of that method and path (a prefix), oldest first."""
        return [each for each in self._control(None)["asked"] if each["name"].startswith(name)]

    def _control(self, body: bytes | None) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.url}/scripted/", body, {"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - our own server
            content: dict[str, Any] = json.load(answer)
        return content


@contextmanager
def serving(folder: Path, settings: str = "tests.browser.scripted_settings", **more: str) -> Iterator[Site]:
    """A site that is ready, until the end of the block."""
    site = Site(free_port())
    environment: Mapping[str, str] = without_settings() | {
        "DJANGO_SETTINGS_MODULE": settings,
        "PYTHONPATH": str(REPOSITORY),
        "COUNTERSIGN_SERVER_DATA_DIR": str(folder),
        "COUNTERSIGN_SERVER_ORIGINS": f"http://localhost:{site.port}",
        "COUNTERSIGN_SERVER_MAX_REQUEST_BYTES": "20000000",
        "COUNTERSIGN_SECRETS_SECRET_KEY": "for-tests-only-abcdefghijklmnopqrstuvwxyz-0123456789",
        "COUNTERSIGN_SECRETS_AUDIT_KEY": "audit-for-tests-only-zyxwvutsrqponmlkjihgfedcba-9876",
        **more,
    }
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", _START, str(site.port), PASSWORD],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(site, process, log)
        yield site
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(site: Site, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(900):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{site.url}/healthz", timeout=5):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(log.read_text(encoding="utf-8", errors="replace")[-4000:])
