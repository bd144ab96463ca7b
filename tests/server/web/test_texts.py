"""All that people read can be translated: it stands in one catalogue, or between marks in a template."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from countersign.server import web
from countersign.server.web.script_text import SENTENCES

WEB = Path(web.__file__).parent
SCRIPTS = sorted(WEB.glob("static/web/*/*.js"))
TEMPLATES = sorted(path for path in WEB.glob("templates/**/*.html") if path.name != "500.html")
"""The page of a broken server is sent as it is, without a template engine."""


def asked_for(script: str) -> set[str]:
    """Keys that a script asks for; `*` where a part is only known when it runs."""
    calls = re.findall(r"""\b(?:text|hasText)\(\s*(?:"([^"]+)"|`([^`]+)`)""", script)
    inner = re.findall(r"""\? "(\w+\.\w+)" : "(\w+\.\w+)\"""", script)
    keys = {plain or re.sub(r"\$\{(?:[^{}]|\{[^{}]*\})*\}", "*", built) for plain, built in calls}
    return keys | {key for pair in inner for key in pair}


def test_every_sentence_that_a_script_asks_for_is_there_and_none_is_left_over() -> None:
    asked = set().union(*(asked_for(script.read_text(encoding="utf-8")) for script in SCRIPTS))
    named = {"camera.number", "microphone.number"}  # handed on by name
    patterns = [re.compile(re.escape(key).replace(r"\*", r"[\w]+")) for key in asked | named]
    assert {key for key in asked if "*" not in key} - SENTENCES.keys() == set()
    unused = {key for key in SENTENCES if not any(pattern.fullmatch(key) for pattern in patterns)}
    assert unused == set()


def test_failures_have_a_title_and_a_text() -> None:
    source = (WEB / "static/web/capture/failures.js").read_text(encoding="utf-8")
    kinds = set(re.findall(r'(?:: |return )"([a-z_]+)"', source)) | {
        "insecure",
        "unsupported",
        "lost",
        "lapsed",
        "unknown",
    }
    assert {kind for kind in kinds if not {f"{kind}.title", f"{kind}.text"} <= SENTENCES.keys()} == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=[str(path.relative_to(WEB / "templates")) for path in TEMPLATES])
def test_no_template_has_words_of_its_own(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    source = re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", " ", source, flags=re.DOTALL)
    source = re.sub(r"{% blocktrans.*?{% endblocktrans\w* %}", " ", source, flags=re.DOTALL)
    source = re.sub(r"{% block kind %}\w*{% endblock %}", " ", source)  # a class
    source = re.sub(r"{%.*?%}|{{.*?}}", " ", source, flags=re.DOTALL)
    spoken = re.findall(r"(?:aria-label|alt|title|placeholder)=\"([^\"]*)\"", source)
    shown = re.sub(r"<[^>]*>", " ", source)
    words = re.findall(r"[A-Za-z]{2,}", " ".join([*spoken, shown]))
    assert [word for word in words if word != "Countersign"] == []


def test_scripts_say_nothing_that_is_not_in_the_catalogue() -> None:
    for script in SCRIPTS:
        source = re.sub(r"(?s)/\*.*?\*/", "", script.read_text(encoding="utf-8"))
        source = re.sub(r"(?m)//.*$", "", source)
        said = re.findall(r"(?:textContent|innerText|ariaLabel|title) = [\"'`]([A-Za-z][^\"'`$]*)", source)
        assert said == [], script.name
