"""The ASGI application: limits first, then metrics and health, then Django."""

from __future__ import annotations

import os
from typing import cast

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "countersign.server.project.settings")
_django = get_asgi_application()  # sets Django up: what imports models comes after it

from countersign.server.accounts.backends import warm_up  # noqa: E402
from countersign.server.ceremonies.engine_room import engine_room, models_are_ready  # noqa: E402
from countersign.server.ceremonies.housekeeping import start as start_housekeeping  # noqa: E402
from countersign.server.ceremonies.upload_rules import upload_rules  # noqa: E402
from countersign.server.metrics.endpoint import MetricsEndpoint  # noqa: E402
from countersign.server.project.current import configuration  # noqa: E402
from countersign.server.web.health import Health  # noqa: E402
from countersign.server.web.limits import Application, BodyRule, RequestLimits  # noqa: E402

BODY_RULES: tuple[BodyRule, ...] = upload_rules(configuration())
"""Rules for paths that take more than `server.max_request_bytes`."""

_server = configuration().server
warm_up()
if configuration().accounts.biometric_step:
    engine_room().warm_up()
start_housekeeping()

application = RequestLimits(
    MetricsEndpoint(Health(cast("Application", _django), {"models": models_are_ready}), configuration().metrics),
    default=BodyRule(prefix="/", most_bytes=_server.max_request_bytes, seconds=_server.request_seconds),
    rules=BODY_RULES,
)
