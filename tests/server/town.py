"""For an hour of attacks: where films are made, and a running server with those who live there."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from django.db import connection

from countersign.client import Challenge, Client
from countersign.core.biometrics import Enrolment
from countersign.evaluation.attacks.clip import Clip
from countersign.evaluation.attacks.composed import Turned, composed
from countersign.evaluation.attacks.head_motion import Manner
from countersign.evaluation.attacks.rendered_head import Proportions
from countersign.face.path import FacePath
from countersign.liveness.challenge import TurnPath
from countersign.server.accounts.models import User
from countersign.server.ceremonies.references import holding
from countersign.server.ceremonies.references.opening import open_vault
from tests.server.chosen_challenges import choose
from tests.server.conftest import PASSWORD
from tests.server.processes import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Filmed:
    """A film, and the challenge that it answers."""

    media: bytes = field(repr=False)
    words: tuple[str, ...]
    turn: TurnPath

    def __call__(self, challenge: Challenge) -> tuple[bytes, str]:
        return self.media, "video/webm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """Where films are made."""

    samples: Path
    folder: Path
    path: FacePath

    def film(self, clip: Path, words: tuple[str, ...], turn: TurnPath) -> tuple[Clip, Filmed]:
        turned = Turned(turn=turn, manner=Manner(), proportions=Proportions(), seed=0)
        made = composed([Clip.read(clip)], turned, self.path)
        assert isinstance(made, Clip)
        return made, self.written(made, words, turn)

    def written(self, clip: Clip, words: tuple[str, ...], turn: TurnPath) -> Filmed:
        target = self.folder / "film.webm"
        clip.write(target)
        return Filmed(media=target.read_bytes(), words=words, turn=turn)


@dataclass(frozen=True, slots=True)
class Town:
    """The server, who lives there, and what was told to whom."""

    server: Server
    asked: Path
    enrolment: Enrolment
    told: list[httpx.Response] = field(default_factory=list)
    _open: ExitStack = field(default_factory=ExitStack)

    def resident(self, name: str) -> User:
        """Somebody who is enrolled."""
        account = User.objects.create_user(name, f"{name}@example.org", PASSWORD)
        with open_vault().together():
            holding.replace(account, self.enrolment, [])
        connection.close()
        return account

    def client(self) -> Client:
        """Somebody's device; all that the server says to it is kept."""
        http = httpx.Client(
            base_url=f"http://localhost:{self.server.port}", timeout=60, event_hooks={"response": [self._keep]}
        )
        return self._open.enter_context(Client("", http=http))

    def asks(self, film: Filmed) -> None:
        """What is asked from now on: what `film` answers."""
        choose(self.asked, film.words, film.turn)

    def close(self) -> None:
        self._open.close()

    def _keep(self, response: httpx.Response) -> None:
        response.read()
        self.told.append(response)
