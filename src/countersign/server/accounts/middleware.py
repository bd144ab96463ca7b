"""The device that a request comes from."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from countersign.server.accounts import guard
from countersign.server.accounts.allauth_internals import is_headless_request

DEVICE_HEADER = "X-Device-Token"
COOKIE_SECONDS = 400 * 86_400  # as long as browsers keep any


class DeviceMiddleware:
    """Takes the device's token from its cookie, or from an app's header, and hands out a new one after a login."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve one request."""
        given = request.COOKIES.get(settings.DEVICE_COOKIE_NAME) or request.headers.get(DEVICE_HEADER) or ""
        reset = guard.device_token.set(given)
        try:
            response = self._get_response(request)
        finally:
            guard.device_token.reset(reset)
        token = getattr(request, "device_token_to_give", None)
        if token is None:
            return response
        if is_headless_request(request) == "app":
            response.headers[DEVICE_HEADER] = token
        else:
            response.set_cookie(
                settings.DEVICE_COOKIE_NAME,
                token,
                max_age=COOKIE_SECONDS,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response
