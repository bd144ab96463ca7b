"""Headers that take away from a page what it does not need."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_SELF_ONLY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",  # data: the QR code of an authenticator app
    "font-src": "'self'",
    "media-src": "'self' blob:",  # blob: the preview of one's own recording
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
# The console's framework (Alpine in django-unfold) evaluates expressions from attributes and sets styles.
_CONSOLE = _SELF_ONLY | {"script-src": "'self' 'unsafe-eval'", "style-src": "'self' 'unsafe-inline'"}
_CONSOLE_PREFIX = "/console/"

_DENIED = (
    "accelerometer",
    "browsing-topics",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "midi",
    "payment",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
_OWN = ("camera", "fullscreen", "microphone", "publickey-credentials-create", "publickey-credentials-get")


def content_security_policy(path: str) -> str:
    """The policy of a page (W3C CSP, level 3). No page has inline script; the console alone may evaluate."""
    directives = _CONSOLE if path.startswith(_CONSOLE_PREFIX) else _SELF_ONLY
    return "; ".join(f"{name} {value}" for name, value in directives.items())


PERMISSIONS_POLICY = ", ".join([*(f"{name}=()" for name in _DENIED), *(f"{name}=(self)" for name in _OWN)])


class HardeningMiddleware:
    """Sets Content-Security-Policy and Permissions-Policy; Django's SecurityMiddleware sets the others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve one request."""
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", content_security_policy(request.path))
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"  # pages hold personal data; static files set their own
        return response
