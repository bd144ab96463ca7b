"""`countersign serve` with the scripted engine."""

from __future__ import annotations

import os
import sys

import django

from countersign.cli import serve


def main() -> None:
    """Serve. Arguments: ``--port NUMBER`` and what `serve` knows besides, by name."""
    for name, value in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        os.environ[f"COUNTERSIGN_SERVER_{name.removeprefix('--').upper()}"] = value
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.server.ceremonies.scripted_settings"
    django.setup()
    serve._prepare(migrate=None)
    serve._run()
