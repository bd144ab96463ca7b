"""JSON for allauth's API that cannot be read is refused before allauth reads it, which takes only some of it for malformed."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import chain

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

PREFIX = "/_allauth/"
DEEPEST = 32
"""Levels of nesting. A passkey's answer has four; how many Python reads depends on how deep the calls are by then."""


class JSONBodiesMiddleware:
    """Answers 400, as allauth does to other malformed JSON.

    That is deep nesting, numbers longer than Python reads, numbers that are none (NaN), and strings with half a surrogate
    pair, which no database and no hash takes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve one request."""
        if request.method != "GET" and request.path.startswith(PREFIX) and not _is_sound(request.body):
            return HttpResponseBadRequest()
        return self._get_response(request)


def _is_sound(body: bytes) -> bool:
    if not body:
        return True
    try:
        value = json.loads(body.decode(), parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return False
    return not _is_deeper(value, DEEPEST)


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _is_deeper(value: object, deepest: int) -> bool:
    level = [value]
    for _ in range(deepest):
        lists = [
            [*each.values()] if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)
        ]
        level = list(chain.from_iterable(lists))
        if not level:
            return False
    return True
