"""Which database a table is in."""

from __future__ import annotations

from django.db.models import Model

CACHE = "cache"
_CACHE_APP = "django_cache"  # what Django calls the model that stands for the cache's table


class CacheRouter:
    """The cache's table alone is reached by the connection of that name."""

    def db_for_read(self, model: type[Model], **_hints: object) -> str | None:
        """Where to read from; None for the default."""
        return CACHE if model._meta.app_label == _CACHE_APP else None  # noqa: SLF001 - Django's documented way

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **_hints: object) -> bool:
        """Whether tables of that application belong there."""
        return (db == CACHE) == (app_label == _CACHE_APP)
