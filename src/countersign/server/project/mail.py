"""Mail that leaves after the transaction it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.db import transaction


class AfterCommitBackend(BaseEmailBackend):
    """Hands messages to `settings.MAIL_TRANSPORT` once everything they speak of is committed.

    A slow mail server must not hold the database's lock, and what is rolled back must not have been announced. A message
    that cannot be sent is logged; the person may ask for another.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send now, or when the transaction in progress is committed."""
        messages = list(email_messages)

        def send() -> None:
            get_connection(settings.MAIL_TRANSPORT).send_messages(messages)

        transaction.on_commit(send, robust=True)
        return len(messages)
