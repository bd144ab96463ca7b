"""How long a look-up in the replay memory's own tables takes, among many stored recordings: on SQLite or PostgreSQL.

    PYTHONPATH=.:scripts python scripts/measure_replay_tables.py sqlite|postgresql [100000]

The recordings stored are made up, as dense as real ones (`measure_replay.take_time` says how dense that is). What is looked up are
copies of real sounds, as a login does it: every token of the copy at five speeds, in the server's own connection.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import django
import numpy as np

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.server.settings"
django.setup()

from django.db import connection  # noqa: E402 - after the set-up
from django.utils import timezone  # noqa: E402
from measure_replay import Item, sound_items  # noqa: E402
from tests.server import postgresql  # noqa: E402
from tests.server.databases import Databases, PostgreSQLCluster, SQLiteFiles, connected, make_template  # noqa: E402

from countersign.liveness.replay.check import LOOKED_AT, ReplayCheck  # noqa: E402
from countersign.server.ceremonies.models import FingerprintToken, RecordingFingerprint  # noqa: E402
from countersign.server.ceremonies.replay.tables import TableReplayMemory  # noqa: E402

KEY = bytes(range(32))
DISTINCT = 2_850_000
"""Tokens that are drawn from: one in four of the triples that `measure_replay.take_time` counts."""

_UNCHECKED = {"sqlite": "PRAGMA foreign_keys = OFF", "postgresql": "SET session_replication_role = replica"}
_FILL = {
    "sqlite": (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)"
        " INSERT INTO {prints} (id, account_id, at, data) SELECT printf('%%032x', i * 2654435761), NULL, %s, %s FROM n",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)"
        " INSERT OR IGNORE INTO {tokens} (token, fingerprint_id)"
        " SELECT abs(random() %% {distinct}) * 4 AS t, printf('%%032x', (1 + i %% %s) * 2654435761) FROM n ORDER BY t",
    ),
    "postgresql": (
        "INSERT INTO {prints} (id, account_id, at, data)"
        " SELECT lpad(to_hex(i * 2654435761), 32, '0')::uuid, NULL, %s, %s FROM generate_series(1, %s::bigint) i",
        "INSERT INTO {tokens} (token, fingerprint_id)"
        " SELECT floor(random() * {distinct})::int * 4 AS t, lpad(to_hex((1 + i %% %s) * 2654435761), 32, '0')::uuid"
        " FROM generate_series(1, %s::bigint) i ORDER BY t ON CONFLICT DO NOTHING",
    ),
}


def fill(items: list[Item], count: int) -> int:
    """Store that many made-up recordings. How many tokens each has."""
    size = int(np.mean([len(item.original.kept.tokens) for item in items]))
    names = {
        "prints": RecordingFingerprint._meta.db_table,  # noqa: SLF001 - Django's documented name for it
        "tokens": FingerprintToken._meta.db_table,  # noqa: SLF001
        "distinct": DISTINCT,
    }
    prints, tokens = (statement.format(**names) for statement in _FILL[connection.vendor])
    now, data = timezone.now(), items[0].original.kept.data
    with connection.cursor() as cursor:
        cursor.execute(_UNCHECKED[connection.vendor])
        cursor.execute(f"DROP INDEX {_index_for_forgetting()}")
        if connection.vendor == "sqlite":
            cursor.execute(prints, [count, now, data])
            cursor.execute(tokens, [count * size, count])
            cursor.execute("ANALYZE")
        else:
            cursor.execute(prints, [now, data, count])
            cursor.execute(tokens, [count, count * size])
            cursor.execute("VACUUM ANALYZE")
    return size


def _index_for_forgetting() -> str:
    """The index that finds the tokens of a recording. A look-up does not use it, and filling it takes longest."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, FingerprintToken._meta.db_table)  # noqa: SLF001
    (name,) = (name for name, each in found.items() if each["index"] and each["columns"] == ["fingerprint_id"])
    return str(name)


def measure(count: int) -> None:
    """Fill the tables of the connection, and print times."""
    items = sound_items("develop", at_most=8)
    memory = TableReplayMemory(KEY)
    began = time.perf_counter()
    size = fill(items, count)
    print(f"{count:,} recordings of {size} tokens stored in {time.perf_counter() - began:.0f} s", flush=True)
    for item in items:
        memory.remember(uuid4(), item.original.kept, at=timezone.now())
    copies = [copy for item in items for copy in item.copies.values()]
    memory.look_up(copies[0].sound_tokens, at_most=LOOKED_AT)  # connected, and the first pages read
    check = ReplayCheck.load()
    _print(
        "look-up",
        [_milliseconds(lambda copy=copy: memory.look_up(copy.sound_tokens, at_most=LOOKED_AT)) for copy in copies],
    )
    _print("look-up and judgement", [_milliseconds(lambda copy=copy: check.check(copy, memory)) for copy in copies])
    print(f"{len(copies)} sounds of {np.mean([len(copy.sound_tokens) for copy in copies]):.0f} tokens")


def _milliseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - began)


def _print(name: str, took: list[float]) -> None:
    median, late = np.percentile(took, [50, 95])
    print(f"{name}: median {median:.1f} ms, 95th percentile {late:.1f} ms, longest {max(took):.1f} ms", flush=True)


@contextmanager
def _databases(kind: str, folder: Path) -> Iterator[Databases]:
    if kind == "sqlite":
        yield SQLiteFiles(folder)
        return
    with postgresql.cluster() as socket:
        yield PostgreSQLCluster(socket, folder)


def main() -> None:
    """Do what is asked."""
    kind, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with tempfile.TemporaryDirectory() as folder, _databases(kind, Path(folder)) as databases:
        make_template(databases)
        with connected(databases, "template_of_all"):
            measure(count)


if __name__ == "__main__":
    main()
