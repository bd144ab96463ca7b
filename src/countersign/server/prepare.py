"""Bringing the database to this version."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from countersign.server.project.routing import CACHE


def pending_migrations() -> int:
    """How many migrations are not applied."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def prepare_database() -> None:
    """Make or update the tables, the cache's own among them, and clear away sessions that ended."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("clearsessions", verbosity=0)
    if CACHE in connections:
        call_command("createcachetable", database=CACHE, verbosity=0)
