"""A real server: `countersign serve` in processes of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ports import free_port

START = "from countersign.cli.serve import serve; serve()"


@dataclass(frozen=True, slots=True)
class Answer:
    """What it answered, its body as JSON where it is, its headers in lower case."""

    status: int
    body: Any
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """SIGKILL, to all its processes at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=20)

    def ask(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=60)
        try:
            text = json.dumps(body) if body is not None else None
            connection.request(method, path, text, {"Content-Type": "application/json"} | dict(headers or {}))
            answer = connection.getresponse()
            content = answer.read()
            is_json = "json" in (answer.headers["Content-Type"] or "")
            fields = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, json.loads(content) if is_json else content, fields)
        finally:
            connection.close()


@contextmanager
def serving(environment: Mapping[str, str], log: Path, *arguments: str, start: str = START) -> Iterator[Server]:
    """A server that is ready, until the end of the block. `start` is what its first process runs."""
    port = free_port()
    command = [sys.executable, "-c", start, "--port", str(port), *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=without_settings() | dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        server = Server(port, log, process)
        _wait(server)
        yield server
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=20)


def without_settings() -> dict[str, str]:
    """The environment with the tests' keys, and without what the tests set for themselves."""
    return {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}


def _wait(server: Server) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if server.ask("GET", "/readyz").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(server.log.read_text(encoding="utf-8", errors="replace")[-4000:])
