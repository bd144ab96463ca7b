"""Putting the tests on one database or another."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connections

from countersign.server.configuration import Secret
from countersign.server.project.connections import postgresql, sqlite
from tests.server import postgresql as cluster_of

_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class SQLiteFiles:
    """Databases as files of a folder."""

    folder: Path
    name = "sqlite"

    def environment(self, database: str) -> dict[str, str]:
        """What a server process needs to use that database: a data folder that has it."""
        return {"COUNTERSIGN_SERVER_DATA_DIR": str(self.folder / database)}

    def settings(self, database: str) -> dict[str, object]:
        """What Django connects with."""
        (self.folder / database).mkdir(exist_ok=True)
        return sqlite(self.folder / database / "countersign.sqlite3")

    def create(self, database: str) -> None:
        """Nothing: the file is made when it is used."""

    def copy(self, template: str, database: str) -> None:
        """A copy, whole, of a database that nobody is using."""
        shutil.copytree(self.folder / template, self.folder / database)

    def drop(self, database: str) -> None:
        """Gone."""
        shutil.rmtree(self.folder / database)


@dataclass(frozen=True, slots=True)
class PostgreSQLCluster:
    """Databases of a cluster."""

    socket: Path
    folder: Path
    name = "postgresql"

    def environment(self, database: str) -> dict[str, str]:
        """What a server process needs to use that database."""
        return {
            "COUNTERSIGN_SERVER_DATA_DIR": str(self.folder / database),
            "COUNTERSIGN_STORAGE_DATABASE_URL": cluster_of.url(self.socket, database),
        }

    def settings(self, database: str) -> dict[str, Any]:
        """What Django connects with; without a pool, whose connections would keep databases from being dropped."""
        settings = postgresql(Secret(cluster_of.url(self.socket, database)))
        options = settings["OPTIONS"]
        assert isinstance(options, dict)
        del options["pool"]
        return settings

    def create(self, database: str) -> None:
        """An empty database."""
        cluster_of.execute(self.socket, f"CREATE DATABASE {database}")

    def copy(self, template: str, database: str) -> None:
        """A copy of a database that nobody is using."""
        cluster_of.execute(self.socket, f"CREATE DATABASE {database} TEMPLATE {template}")

    def drop(self, database: str) -> None:
        """Gone, whoever is connected."""
        cluster_of.execute(self.socket, f"DROP DATABASE {database} WITH (FORCE)")


Databases = SQLiteFiles | PostgreSQLCluster


@contextmanager
def connected(databases: Databases, database: str) -> Iterator[None]:
    """Django's default connection is to that database, in every thread that connects from now on."""
    before_settings, before = connections.settings["default"], connections["default"]
    connections.settings["default"] = connections.configure_settings({"default": databases.settings(database)})[
        "default"
    ]
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"], connections["default"] = before_settings, before


@contextmanager
def copied(databases: Databases) -> Iterator[str]:
    """A database of one's own, with all tables and nothing in them."""
    database = f"own_{next(_NUMBERS)}"
    databases.copy("template_of_all", database)
    try:
        with connected(databases, database):
            yield database
    finally:
        databases.drop(database)


def make_template(databases: Databases) -> None:
    """The database that all others are copies of: migrated once."""
    databases.create("template_of_all")
    with connected(databases, "template_of_all"):
        call_command("migrate", interactive=False, verbosity=0)
