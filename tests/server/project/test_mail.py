"""Mail leaves after the commit, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from countersign.server.project.mail import AfterCommitBackend

MESSAGE = EmailMessage("Subject", "Body", "a@example.org", ["b@example.org"])


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(settings, "EMAIL_FILE_PATH", tmp_path / "mail", raising=False)
    return tmp_path / "mail"


def test_a_message_waits_for_the_commit(own_database: str, sent: Path) -> None:
    with transaction.atomic():
        assert AfterCommitBackend().send_messages([MESSAGE]) == 1
        assert not sent.exists()
    assert "Subject: Subject" in next(sent.iterdir()).read_text(encoding="utf-8")


def test_what_is_rolled_back_was_never_announced(own_database: str, sent: Path) -> None:
    with transaction.atomic():
        AfterCommitBackend().send_messages([MESSAGE])
        transaction.set_rollback(True)
    assert not sent.exists()


def test_a_mail_server_that_is_gone_does_not_undo_what_was_done(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "MAIL_TRANSPORT", "django.core.mail.backends.smtp.EmailBackend")
    monkeypatch.setattr(settings, "EMAIL_PORT", 1, raising=False)
    assert AfterCommitBackend().send_messages([MESSAGE]) == 1
