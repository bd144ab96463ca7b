"""The person's account."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.base import ModelBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from countersign.server.accounts import guard
from countersign.server.accounts.identifiers import (
    normalise_account_number,
    normalise_email,
    normalise_phone,
    normalise_username,
    username_key,
)
from countersign.server.audit.events import EventKind
from countersign.server.audit.record import record

_SPELLINGS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "username": normalise_username,
        "email": normalise_email,
        "phone": normalise_phone,
        "account_number": normalise_account_number,
    }
)
PRIVILEGES = ("is_active", "is_staff", "is_superuser")
IDENTIFIERS = ("username", "email", "phone", "account_number")


class Users(BaseUserManager["User"]):
    """Making and finding accounts."""

    def create_user(self, username: str, email: str | None = None, password: str | None = None, **fields: Any) -> User:
        """An account; without a password, one that cannot log in by password.

        Raises:
            ValidationError: an identifier is malformed.
        """
        user = self.model(username=username, email=email, **fields)
        user.normalise_identifiers()
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **fields: Any
    ) -> User:
        """An operator's account, for the console."""
        return self.create_user(username, email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """By username, whatever its case."""
        return self.get(username_key=username_key(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """One account.

    The identifiers are stored in the spelling of `accounts.identifiers`, so that the database itself keeps each unique;
    what a person left out is NULL.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120, blank=True)
    username = models.CharField(_("username"), max_length=40, unique=True)
    username_key = models.CharField(max_length=120, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True, null=True, blank=True)
    phone = models.CharField(_("phone number"), max_length=16, unique=True, null=True, blank=True)
    phone_verified = models.BooleanField(default=False)
    account_number = models.CharField(_("account number"), max_length=20, unique=True, null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("operator"), default=False)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Users] = Users()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.username

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **kwargs: Any) -> User:
        """As Django does, remembering what an audit row would compare with."""
        user = super().from_db(db, field_names, values, **kwargs)
        user._stored = user._audited(set(field_names))  # noqa: SLF001 - its own instance
        return user

    def clean(self) -> None:
        """Identifiers in their one spelling, each told at its field if it is malformed or taken: for the console's forms."""
        super().clean()
        self.normalise_identifiers()
        key = username_key(self.username)
        if User.objects.filter(username_key=key).exclude(pk=self.pk).exists():
            raise ValidationError({"username": _("There is an account with this username already.")})

    def normalise_identifiers(self) -> None:
        """Put every identifier into its one spelling.

        Raises:
            ValidationError: by field.
        """
        problems: dict[str, list[str]] = {}
        for field, normalise in _SPELLINGS.items():
            given = getattr(self, field)
            if not given and field != "username":
                continue
            try:
                setattr(self, field, normalise(given))
            except ValidationError as error:
                problems[field] = error.messages
        if problems:
            raise ValidationError(problems)

    def set_password(self, raw_password: str | None) -> None:
        """Hash a password or PIN, in Unicode's NFKC so that every keyboard types the same."""
        super().set_password(None if raw_password is None else unicodedata.normalize("NFKC", raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the password. Counted as a guess, and refused when there were too many: see `guard`."""
        if raw_password is None:
            return False
        verdict = guard.attempt(self.pk, name="", verify=lambda: self.matches(raw_password))
        return isinstance(verdict, guard.Correct)

    def matches(self, raw_password: str) -> bool:
        """Whether this is the password, uncounted: for `guard` alone."""

        def store_with_current_parameters(raw: str) -> None:
            # Of several logins at once only the first stores its hash: sessions are bound to the hash, and another one
            # would end those that have just begun. It is no new password, so nothing is recorded and no device forgotten.
            unchanged = User.objects.filter(pk=self.pk, password=self.password)
            unchanged.update(password=make_password(raw))
            self.refresh_from_db(fields=["password"])

        return check_password(unicodedata.normalize("NFKC", raw_password), self.password, store_with_current_parameters)

    def save(
        self,
        *,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Save with the identifiers in their one spelling, and with what the audit log must know, or not at all."""
        self.username = unicodedata.normalize("NFKC", self.username).strip()
        self.username_key = username_key(self.username)
        for identifier in ("email", "phone", "account_number"):
            setattr(self, identifier, getattr(self, identifier) or None)
        if update_fields is not None:
            update_fields = {*update_fields} | ({"username_key"} if "username" in update_fields else set())
        adding, new_password = self._state.adding, getattr(self, "_password", None) is not None
        with transaction.atomic():
            super().save(force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields)
            if adding:
                record(EventKind.ACCOUNT_CREATED, account=self.pk)
            elif new_password:
                self._on_new_password()
            self._record_changes(adding=adding)

    def _on_new_password(self) -> None:
        forgotten = self.known_devices.all().delete()[0]
        guard.start_anew(self.pk)
        record(EventKind.PASSWORD_SET, account=self.pk)
        if forgotten:
            record(EventKind.DEVICES_FORGOTTEN, account=self.pk, details={"count": forgotten})

    def _record_changes(self, *, adding: bool) -> None:
        before, after = self._stored, self._audited(None if adding else set(self._stored))
        self._stored = after
        changed = {field for field in after if not adding and field in before and before[field] != after[field]}
        if changed & set(PRIVILEGES) or (adding and (self.is_staff or self.is_superuser)):
            roles = {"active": self.is_active, "staff": self.is_staff, "superuser": self.is_superuser}
            record(EventKind.PRIVILEGES_CHANGED, account=self.pk, details=roles)
        for identifier in sorted(changed & set(IDENTIFIERS)):
            record(EventKind.IDENTIFIER_CHANGED, account=self.pk, details={"identifier": identifier})

    def _audited(self, loaded: set[str] | None = None) -> dict[str, object]:
        return {name: getattr(self, name) for name in (*PRIVILEGES, *IDENTIFIERS) if loaded is None or name in loaded}

    _stored: dict[str, object] = {}
