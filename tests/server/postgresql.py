"""A throw-away PostgreSQL cluster, from what is installed, on a Unix socket in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

USER = "countersign"


def binaries() -> Path | None:
    """The folder of PostgreSQL's programs, or None where it is not installed."""
    found = shutil.which("initdb")
    candidates = [Path(found).resolve().parent] if found else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next(
        (folder for folder in candidates if (folder / "initdb").exists() and (folder / "postgres").exists()), None
    )


def reason_against() -> str | None:
    """Why no cluster can be started here, or None."""
    if binaries() is None:
        return "PostgreSQL is not installed (apt-get install postgresql)"
    if os.getuid() == 0 and not (shutil.which("runuser") and _has_postgres_user()):
        return "PostgreSQL does not run as root, and there is no user postgres to run it as"
    return None


@contextmanager
def cluster() -> Iterator[Path]:
    """A running server; gives the folder of its socket. Nothing is synced to disk: it does not outlive the tests."""
    folder = Path(tempfile.mkdtemp(prefix="cs-pg-", dir="/tmp"))
    programs = binaries()
    assert programs is not None
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    _run([programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"])
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": "60",
        "shared_buffers": "32MB",
        "logging_collector": "off",
    }
    arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    command = _as_postgres([programs / "postgres", "-D", data, *arguments])
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(folder, process)
        yield folder
    finally:
        _run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], check=False)
        process.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def url(socket: Path, database: str) -> str:
    """The address of one database of the cluster."""
    return f"postgresql://{USER}@/{database}?host={socket}"


def execute(socket: Path, statement: str) -> None:
    """One statement of administration, outside of any transaction."""
    with psycopg.connect(url(socket, "postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())


def _wait(socket: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg.connect(url(socket, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError((socket / "log").read_text(encoding="utf-8", errors="replace")[-2000:])


def _run(command: Sequence[str | Path], *, check: bool = True) -> None:
    subprocess.run(_as_postgres(command), check=check, capture_output=True, cwd="/")


def _as_postgres(command: Sequence[str | Path]) -> list[str | Path]:
    return [*(["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []), *command]


def _has_postgres_user() -> bool:
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return False
    return True
