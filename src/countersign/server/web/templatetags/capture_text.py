"""``{% capture_text %}``: the sentences that scripts show, in the language of the page."""

from __future__ import annotations

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

from countersign.server.web.script_text import SENTENCES

register = template.Library()


@register.simple_tag
def capture_text() -> SafeString:
    """A block of data, which a content security policy without inline script lets pass."""
    return json_script({key: str(sentence) for key, sentence in SENTENCES.items()}, "script-text")
