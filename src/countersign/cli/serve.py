"""``countersign serve``: the server."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import click

from countersign.cli.with_server import config_option, set_up_django


@click.command()
@config_option
@click.option("--host", help="Address to listen on (server.host).")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on (server.port).")
@click.option("--workers", type=click.IntRange(min=1), help="Server processes (server.workers).")
@click.option("--migrate/--no-migrate", default=None, help="Update the database first. Default: in development only.")
@click.option("--insecure", is_flag=True, help="Allow the profile lab, which checks no liveness (policy.insecure).")
def serve(
    *,
    config: Path | None,
    host: str | None,
    port: int | None,
    workers: int | None,
    migrate: bool | None,
    insecure: bool,
) -> None:
    """Serve pages and API.

    Refuses to start when a setting is unsafe, or when the database is not of this version.
    """
    for name, value in {"HOST": host, "PORT": port, "WORKERS": workers}.items():
        if value is not None:
            os.environ[f"COUNTERSIGN_SERVER_{name}"] = str(value)  # the workers read it as well
    if insecure:
        os.environ["COUNTERSIGN_POLICY_INSECURE"] = "true"
    start(config, migrate=migrate)


def start(config: Path | None, *, migrate: bool | None) -> None:
    """Check the settings, see to the database, and serve until told to stop.

    Raises:
        click.ClickException: a setting is unsafe, or the database cannot be used.
    """
    set_up_django(config)
    _prepare(migrate=migrate)
    _run()


def _prepare(*, migrate: bool | None) -> None:
    from django.core.checks import ERROR, run_checks  # noqa: PLC0415 - after Django's set-up
    from django.db import DatabaseError  # noqa: PLC0415

    from countersign.server.ceremonies.engine_room import missing_models  # noqa: PLC0415
    from countersign.server.prepare import pending_migrations, prepare_database  # noqa: PLC0415
    from countersign.server.project.current import configuration  # noqa: PLC0415

    problems = [message.msg for message in run_checks() if message.level >= ERROR]
    if problems:
        raise click.ClickException("; ".join(problems))
    if missing := missing_models():
        raise click.ClickException(f"models are missing: {', '.join(missing)}: `countersign models pull`")
    try:
        if migrate or (migrate is None and not configuration().in_production):
            prepare_database()
        elif pending := pending_migrations():
            raise click.ClickException(f"{pending} migrations are not applied: `countersign serve --migrate` does it")
    except DatabaseError as error:
        raise click.ClickException(
            f"the database cannot be used ({type(error).__name__}): countersign doctor"
        ) from error


def _share_metrics(folder: Path) -> None:
    """A folder, empty, in which the workers add up what they measure."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _run() -> None:
    import uvicorn  # noqa: PLC0415 - an extra, which other commands do without
    from django.conf import settings  # noqa: PLC0415 - after Django's set-up
    from django.db import connections  # noqa: PLC0415

    from countersign.server.project.current import configuration  # noqa: PLC0415

    server = configuration().server
    if server.workers > 1:
        _share_metrics(server.data_dir / "metrics")
    connections.close_all()  # the workers open their own
    click.echo(
        f"Countersign ({server.profile}) on http{'s' if server.tls_certificate else ''}://{server.host}:{server.port}"
    )
    uvicorn.run(
        "countersign.server.project.asgi:application",
        host=server.host,
        port=server.port,
        workers=server.workers,
        ssl_certfile=server.tls_certificate,
        ssl_keyfile=server.tls_key,
        proxy_headers=False,  # allauth and Django read the trusted proxies' headers themselves
        server_header=False,
        access_log=False,
        log_config=settings.LOGGING,
        lifespan="off",
        ws="none",
        limit_concurrency=200,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=15,
    )
