"""One line for each request: what was asked by pattern, never by path, and by nobody in particular."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from countersign.server.metrics.meters import RESPONSES
from countersign.server.web.logs import REQUEST_NUMBER

_LOG = logging.getLogger("countersign.access")


class AccessLogMiddleware:
    """Logs method, route, status and time. A route is a pattern: paths carry keys of mail links."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve one request."""
        began = time.perf_counter()
        number = request.META[REQUEST_NUMBER] = secrets.token_hex(8)
        response = self._get_response(request)
        response.headers["X-Request-Id"] = number
        RESPONSES.labels(status=str(response.status_code)).inc()
        _LOG.info(
            "request",
            extra={
                "request": number,
                "method": request.method,
                "route": request.resolver_match.route if request.resolver_match else None,
                "status": response.status_code,
                "milliseconds": round(1000 * (time.perf_counter() - began), 1),
            },
        )
        return response
