"""The real server, but for one thing: what it asks next stands in a file. No film can answer what is drawn after it was made.

Everything else is as it ships: nonce, expiry, single use, engine, profile. That challenges are drawn, from the system's own
source of randomness, is held by `tests/liveness/test_challenge.py` and `tests/server/ceremonies/login`.
"""

from __future__ import annotations

import json
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from django.apps import AppConfig

from countersign.liveness.challenge import NONCE_BYTES, Challenge, Mode, Side, TurnOrder, TurnPath

VARIABLE = "CHOSEN_CHALLENGE"
START = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.server.chosen_settings"
os.environ["COUNTERSIGN_SERVER_PORT"] = sys.argv[sys.argv.index("--port") + 1]
import django
django.setup()
from countersign.cli import serve
serve._prepare(migrate=None)
serve._run()
"""
"""For `processes.serving`."""


class ChosenChallenges(AppConfig):
    """An app of Django's that does nothing but this."""

    name = "tests.server.chosen_challenges"
    label = "chosen_challenges"

    def ready(self) -> None:
        from countersign.server.ceremonies.login import profile  # noqa: PLC0415 - it has models, which need Django ready

        profile.draw_challenge = drawn


def choose(file: Path, words: tuple[str, ...], turn: TurnPath) -> None:
    """Say what is asked from now on."""
    asked = {"words": words, "first": turn.first, "extent_deg": turn.extent_deg, "order": turn.order}
    unfinished = file.with_suffix(".new")
    unfinished.write_text(json.dumps(asked), "utf-8")
    unfinished.rename(file)


def drawn(now: datetime) -> Challenge:
    """In place of `profile.draw_challenge`."""
    asked = json.loads(Path(os.environ[VARIABLE]).read_text("utf-8"))
    return Challenge(
        mode=Mode.WORDS,
        language="en",
        words=tuple(asked["words"]),
        turn=TurnPath(first=Side(asked["first"]), extent_deg=int(asked["extent_deg"]), order=TurnOrder(asked["order"])),
        nonce=secrets.token_bytes(NONCE_BYTES),
        issued_at=now,
        expires_at=now + timedelta(seconds=90),
    )
