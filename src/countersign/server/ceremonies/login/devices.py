"""Registering, listing and removing the keys that sign uploads."""

from __future__ import annotations

import uuid

from django.db import transaction

from countersign.server.accounts import guard
from countersign.server.accounts.models import KnownDevice
from countersign.server.audit.events import EventKind
from countersign.server.audit.record import record
from countersign.server.ceremonies.callers import Caller
from countersign.server.ceremonies.models import SigningDevice, checked_key
from countersign.server.ceremonies.models.signing_device import LATEST_FIRST
from countersign.server.ceremonies.problems import FieldError, Problem, ProblemCode
from countersign.server.ceremonies.references.holding import has_references
from countersign.server.ceremonies.uploads import from_base64url
from countersign.server.configuration.schema import LoginProfile
from countersign.server.project.current import configuration


def register(caller: Caller, *, name: str, public_key: str) -> SigningDevice:
    """Register a key: for good in a session, and in a pending login for that login alone until it is complete.

    Raises:
        Problem: INVALID for no key; DEVICE_UNKNOWN where the profile wants a device that is known before.
    """
    try:
        key = checked_key(from_base64url(public_key))
    except ValueError as error:
        wrong = FieldError(field="public_key", code="public_key", message=f"This is {error}.")
        raise Problem(ProblemCode.INVALID, errors=[wrong]) from None
    strict = configuration().policy.profile is LoginProfile.NIST_63B4
    if strict and caller.stage is not None and has_references(caller.account):
        raise Problem(ProblemCode.DEVICE_UNKNOWN)
    with transaction.atomic():
        device = SigningDevice.objects.register(
            caller.account,
            name=name,
            public_key=key,
            known_device=KnownDevice.objects.recognise(caller.account.pk, guard.device_token.get()),
            pending=caller.binding if caller.stage is not None else "",
        )
        if caller.stage is None:
            record(EventKind.SIGNING_DEVICE_ADDED, account=caller.account.pk, details={"device": str(device.pk)})
    return device


def remove(caller: Caller, device: uuid.UUID) -> None:
    """Remove a key.

    Raises:
        Problem: NOT_FOUND.
    """
    with transaction.atomic():
        if not SigningDevice.objects.filter(pk=device, account=caller.account).delete()[0]:
            raise Problem(ProblemCode.NOT_FOUND)
        record(EventKind.SIGNING_DEVICE_REMOVED, account=caller.account.pk, details={"device": str(device)})


def registered(caller: Caller) -> list[SigningDevice]:
    """The account's devices, the latest used first."""
    return list(SigningDevice.objects.filter(account=caller.account, pending="").order_by(*LATEST_FIRST))


def current_device(caller: Caller) -> uuid.UUID | None:
    """The known device that asks."""
    known = KnownDevice.objects.recognise(caller.account.pk, guard.device_token.get())
    return known.pk if known else None
