"""How long a login takes on a running server, as the person feels it: from the upload to the answer, on this machine.

    PYTHONPATH=. python scripts/measure_server.py [--pack core|plus] [--alone 10] [--together 8] [--json FILE]

A server of its own with the profile `lab` (every check runs, none decides), one synthetic person, films of 640x480 in WebM
that answer the server's challenges. First one login after the other, then several at once, with a trivial page asked for all
the while.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tests.server.processes import Server, serving
from tests.server.synthetic_life import PACES, SyntheticLife, astronaut

from countersign.client import AttemptAccepted, Challenge, Client, calls
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore

PASSWORD = "correct horse battery staple"  # noqa: S105 - of an account that lives for a minute


@dataclass(frozen=True, slots=True)
class Ready:
    """A login that waits for its film."""

    client: Client
    challenge: Challenge
    media: bytes
    media_type: str


def main(arguments: Sequence[str]) -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pack", choices=["core", "plus"], default="core")
    parser.add_argument("--alone", type=int, default=10)
    parser.add_argument("--together", type=int, default=8)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    person = astronaut(Runtime(ModelStore.default()))
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(_environment(folder, asked.pack), Path(folder) / "log", "--insecure") as server,
    ):
        first = _enrolled(server, person)
        alone = [_timed(login) for login in (_ready(server, first, person) for _ in range(asked.alone))]
        waiting = [_ready(server, first, person) for _ in range(asked.together)]
        with _asking(server) as trivial, ThreadPoolExecutor(asked.together) as pool:
            together = list(pool.map(_timed, waiting))
    figures = {
        "cores": os.cpu_count(),
        "pack": asked.pack,
        "alone_s": _summary(alone),
        "together_s": _summary(together),
        "trivial_page_meanwhile_s": _summary(trivial),
    }
    print(json.dumps(figures, indent=2))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _environment(folder: str, pack: str) -> dict[str, str]:
    return {
        "COUNTERSIGN_SERVER_DATA_DIR": folder,
        "COUNTERSIGN_POLICY_PROFILE": "lab",
        "COUNTERSIGN_POLICY_FREE_ATTEMPTS": "10",
        "COUNTERSIGN_ENGINE_PACK": pack,
        "COUNTERSIGN_ACCOUNTS_LOGINS_PER_MINUTE": "1000",
        "COUNTERSIGN_SERVER_UPLOADS_PER_MINUTE": "1000",
    }


def _enrolled(server: Server, person: SyntheticLife) -> Client:
    client = Client(f"http://localhost:{server.port}")
    client.sign_up(name="Ada", username="ada", email="ada@example.org", password=PASSWORD)
    client.enrol(person.sample, tries=len(PACES))
    client.try_again(person.film)
    return client


def _ready(server: Server, known: Client, person: SyntheticLife) -> Ready:
    client = Client(
        f"http://localhost:{server.port}", key=known.key, device=known.device, device_token=known.device_token
    )
    client.run(calls.begin_login(password=PASSWORD, username="ada"))
    challenge = client.run(calls.take_challenge("login"))
    return Ready(client, challenge, *person.film(challenge))


def _timed(login: Ready) -> float:
    client = login.client
    call = calls.answer_challenge(
        login.challenge, login.media, media_type=login.media_type, key=client.key, device=client.registered()
    )
    began = time.perf_counter()
    result = client.run(call)
    took = time.perf_counter() - began
    client.close()
    if not isinstance(result, AttemptAccepted):
        raise SystemExit(f"the synthetic person was not let in: {result}")
    return took


@contextmanager
def _asking(server: Server) -> Iterator[list[float]]:
    """Asks for a trivial page ten times a second until the end of the block."""
    times: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.1):
            began = time.perf_counter()
            server.ask("GET", "/healthz")
            times.append(time.perf_counter() - began)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield times
    finally:
        over.set()
        thread.join()


def _summary(seconds: Sequence[float]) -> dict[str, float]:
    p50, p95 = np.percentile(seconds, [50, 95])
    return {"n": len(seconds), "p50": round(float(p50), 3), "p95": round(float(p95), 3), "max": round(max(seconds), 3)}


if __name__ == "__main__":
    main(sys.argv[1:])
