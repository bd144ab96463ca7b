"""Sessions whose grants go along when the session gets a new key: `settings.SESSION_ENGINE`."""

from __future__ import annotations

from contextvars import ContextVar

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

_renewed: ContextVar[DatabaseStore | None] = ContextVar("renewed_session", default=None)


class SessionStore(DatabaseStore):
    """Django's, in the database."""

    def cycle_key(self) -> None:
        """Keep the session under a new key. It is the same session, so it does not end what stands on it."""
        token = _renewed.set(self)
        try:
            super().cycle_key()
        finally:
            _renewed.reset(token)


def key_after_renewal() -> str | None:
    """The new key, while a session is getting one; None otherwise."""
    store = _renewed.get()
    return store.session_key if store is not None else None
