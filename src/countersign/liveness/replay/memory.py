"""A replay memory in one SQLite file, or in the working memory: for the command line, evaluation and tests.

The server keeps its own in its database, behind the same port.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from uuid import UUID

from countersign.core.replay import Fingerprint, Remembered

_TABLES = """
CREATE TABLE IF NOT EXISTS fingerprint (id INTEGER PRIMARY KEY, attempt BLOB UNIQUE NOT NULL, at REAL NOT NULL, data BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS fingerprint_at ON fingerprint (at);
CREATE TABLE IF NOT EXISTS token (token INTEGER, fingerprint INTEGER, PRIMARY KEY (token, fingerprint)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS token_fingerprint ON token (fingerprint);
"""

_SEARCH = """
SELECT attempt, at, data FROM fingerprint JOIN (
    SELECT fingerprint AS found, count(*) AS shared FROM token
    WHERE token IN (SELECT value FROM json_each(?)) GROUP BY fingerprint ORDER BY shared DESC, found DESC LIMIT ?
) ON id = found ORDER BY shared DESC, found DESC
"""


class SqliteReplayMemory:
    """Implements `countersign.core.ports.ReplayMemory`.

    Args:
        key: 32 random bytes, kept elsewhere than the file.
        path: of the file, made when missing; None keeps everything in working memory.
    """

    def __init__(self, key: bytes, path: Path | None = None) -> None:
        self._key = key
        self._lock = Lock()
        self._connection = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._connection.executescript(_TABLES)

    @property
    def key(self) -> bytes:
        """The secret that its fingerprints are made with."""
        return self._key

    def remember(self, attempt_id: UUID, fingerprint: Fingerprint, *, at: datetime) -> None:
        """Keep a fingerprint. A second one under the same id replaces the first."""
        with self._lock, self._connection as connection:
            self._drop(connection, "attempt = ?", attempt_id.bytes)
            row = (attempt_id.bytes, at.timestamp(), fingerprint.data)
            number = connection.execute("INSERT INTO fingerprint (attempt, at, data) VALUES (?, ?, ?)", row).lastrowid
            rows = [(token, number) for token in sorted(fingerprint.tokens)]
            connection.executemany("INSERT INTO token VALUES (?, ?)", rows)

    def look_up(self, tokens: Collection[int], *, at_most: int) -> tuple[Remembered, ...]:
        """Those that share the most of `tokens`, most first."""
        with self._lock:
            found = self._connection.execute(_SEARCH, (json.dumps(sorted(tokens)), at_most)).fetchall()
        return tuple(
            Remembered(attempt_id=UUID(bytes=attempt), at=datetime.fromtimestamp(at, UTC), data=data)
            for attempt, at, data in found
        )

    def forget(self, attempt_ids: Collection[UUID]) -> int:
        """Drop what is kept under these ids."""
        with self._lock, self._connection as connection:
            return sum(self._drop(connection, "attempt = ?", attempt_id.bytes) for attempt_id in attempt_ids)

    def forget_before(self, moment: datetime) -> int:
        """Drop everything older than `moment`."""
        with self._lock, self._connection as connection:
            return self._drop(connection, "at < ?", moment.timestamp())

    def close(self) -> None:
        """End. What was kept in working memory alone is gone."""
        self._connection.close()

    @staticmethod
    def _drop(connection: sqlite3.Connection, which: str, value: object) -> int:
        chosen = f"SELECT id FROM fingerprint WHERE {which}"  # noqa: S608 - both conditions stand above
        connection.execute(f"DELETE FROM token WHERE fingerprint IN ({chosen})", (value,))  # noqa: S608
        return connection.execute(f"DELETE FROM fingerprint WHERE {which}", (value,)).rowcount  # noqa: S608
