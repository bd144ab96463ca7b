"""The configuration of this process, for the few places that Django itself calls and that can be handed nothing."""

from __future__ import annotations

from django.conf import settings

from countersign.server.configuration import ServerConfiguration


def configuration() -> ServerConfiguration:
    """What `project.settings` was built from."""
    current: ServerConfiguration = settings.COUNTERSIGN
    return current
