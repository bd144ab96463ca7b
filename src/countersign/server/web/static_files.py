"""Static files, read whole: under ASGI a file that is streamed would be read on the event loop anyway."""

from __future__ import annotations

from contextlib import closing

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise, whose own responses are iterators that Django cannot take under ASGI without a warning."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """One file, or the part of it that was asked for."""
        answer = static_file.get_response(request.method, request.META)
        body = b""
        if answer.file is not None:
            with closing(answer.file):
                body = answer.file.read()
        response = HttpResponse(body, status=answer.status)
        for name, value in answer.headers:
            response.headers[name] = value
        return response
