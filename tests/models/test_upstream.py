from __future__ import annotations

import email.message
import http.client
import io
import urllib.error
import urllib.request
import urllib.response

import pytest

from countersign.core.errors import ErrorCode, ModelError
from countersign.models.upstream import HttpsOnly, Web
from tests.models.fake_index import pinned

DATA = b"weights"


class _Answers(urllib.request.HTTPSHandler):
    """Answers https requests from a table; an address that is not in it has no host."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        super().__init__()
        self.answers = answers
        self.asked: list[str] = []

    def https_open(self, req: urllib.request.Request) -> urllib.response.addinfourl:  # type: ignore[override]
        self.asked.append(req.full_url)
        if req.full_url not in self.answers:
            raise urllib.error.URLError("no such host")
        answer = urllib.response.addinfourl(
            io.BytesIO(self.answers[req.full_url]), email.message.Message(), req.full_url, 200
        )
        answer.msg = "OK"  # type: ignore[attr-defined]
        return answer


def _web(answers: dict[str, bytes]) -> tuple[Web, _Answers]:
    handler = _Answers(answers)
    return Web(opener=urllib.request.build_opener(handler, HttpsOnly)), handler


def _ignore(_name: str, _done: int, _total: int) -> None:
    pass


def _refusal(web: Web, *urls: str) -> str:
    with pytest.raises(ModelError) as raised:
        web.fetch(pinned("model.onnx", DATA, *urls), _ignore)
    assert raised.value.code is ErrorCode.MODEL_UNAVAILABLE
    return raised.value.message


def test_the_first_address_that_has_the_pinned_bytes_serves() -> None:
    web, handler = _web({"https://second/model": DATA})
    seen: list[tuple[str, int, int]] = []
    file = pinned("model.onnx", DATA, "https://first/model", "https://second/model", "https://third/model")
    assert web.fetch(file, lambda *step: seen.append(step)) == DATA
    assert handler.asked == ["https://first/model", "https://second/model"]
    assert seen == [("model.onnx", 7, 7)]


def test_a_host_that_does_not_answer_is_asked_once() -> None:
    web, handler = _web({})
    _refusal(web, "https://first/model")
    assert "did not answer" in _refusal(web, "https://first/other")
    assert handler.asked == ["https://first/model"]


def test_other_bytes_are_refused() -> None:
    web, _ = _web({"https://first/model": b"wEights"})
    assert "other bytes than the catalogue says" in _refusal(web, "https://first/model")


def test_more_bytes_are_not_read() -> None:
    web, _ = _web({"https://first/model": DATA * 1000})
    assert "more bytes than the catalogue says" in _refusal(web, "https://first/model")


def test_only_https_is_spoken() -> None:
    web, handler = _web({})
    assert "not an https address" in _refusal(web, "http://first/model")
    assert not handler.asked


def test_a_redirect_away_from_https_is_refused() -> None:
    request = urllib.request.Request("https://first/model")
    with pytest.raises(urllib.error.URLError, match="away from https"):
        HttpsOnly().redirect_request(
            request, io.BytesIO(), 302, "Found", http.client.HTTPMessage(), "http://first/model"
        )
