"""Keys of devices, which sign what is uploaded."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone

from countersign.server.accounts.models import KnownDevice, User

MOST_DEVICES = 20
PENDING_FOR = timedelta(hours=1)
_SIGNATURE_BYTES = 64
LATEST_FIRST = (F("last_used_at").desc(nulls_last=True), F("created_at").desc())
"""PostgreSQL alone would put those first that were never used."""


class SigningDevices(models.Manager["SigningDevice"]):
    """Registering and finding devices."""

    def register(
        self, account: User, *, name: str, public_key: bytes, known_device: KnownDevice | None, pending: str
    ) -> SigningDevice:
        """Make a device's key known, for good or for one pending login.

        A key that is registered for good stays so. The least used beyond `MOST_DEVICES` are forgotten, and so are those
        of logins that were never completed.

        Args:
            account: whose.
            name: for the person.
            public_key: as `checked_key` gives it.
            known_device: the browser or app, as accounts know it.
            pending: binding of the pending login that alone may use it; empty for good.
        """
        self.filter(account=account, created_at__lt=timezone.now() - PENDING_FOR).exclude(pending="").delete()
        device, created = self.get_or_create(
            account=account,
            key_hash=hashlib.sha256(public_key).hexdigest(),
            defaults={"name": name, "public_key": public_key, "known_device": known_device, "pending": pending},
        )
        if not created:
            changed = {"name": name, "known_device": known_device or device.known_device}
            changed |= {"pending": pending} if device.pending else {}
            self.filter(pk=device.pk).update(**changed)
            device.refresh_from_db()
        kept = self.filter(account=account).order_by(*LATEST_FIRST).values_list("pk", flat=True)
        self.filter(account=account).exclude(pk__in=[*kept[:MOST_DEVICES], device.pk]).delete()
        return device

    def usable(self, device_id: uuid.UUID, *, account: User, binding: str) -> SigningDevice | None:
        """The device, if it is the account's and good in this session."""
        found = self.filter(pk=device_id, account=account, pending__in=["", binding]).first()
        return found if found is None or found.pending in {"", binding} else None

    def settle(self, device: SigningDevice, *, known_device: KnownDevice | None) -> bool:
        """The login it was registered in is complete: from now on it is the account's. Whether it was not before."""
        now = timezone.now()
        changes = {"last_used_at": now} | ({"known_device": known_device} if known_device else {})
        self.filter(pk=device.pk).update(**changes)
        return bool(self.filter(pk=device.pk).exclude(pending="").update(pending=""))


class SigningDevice(models.Model):
    """The public key of one browser or app for one account. The private key never leaves the device.

    It goes when the device is no longer known (`accounts.KnownDevice`): with a new password, all of them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="signing_devices")
    known_device = models.ForeignKey(KnownDevice, on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=60)
    public_key = models.BinaryField(editable=False)
    key_hash = models.CharField(max_length=64, editable=False)
    pending = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)

    objects = SigningDevices()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key_hash"], name="one_key_once_an_account")]

    def __str__(self) -> str:
        return str(self.pk)

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether the device signed `message`.

        Args:
            message: what was signed.
            signature: r and s of ECDSA with SHA-256, 32 bytes each (as WebCrypto gives them; IEEE P1363).
        """
        if len(signature) != _SIGNATURE_BYTES:
            return False
        half = _SIGNATURE_BYTES // 2
        r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
        key = load_der_public_key(bytes(self.public_key))
        assert isinstance(key, EllipticCurvePublicKey)  # noqa: S101 - `checked_key` let no other in
        try:
            key.verify(encode_dss_signature(r, s), message, ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True


def checked_key(der: bytes) -> bytes:
    """A public key in its one spelling.

    Args:
        der: SubjectPublicKeyInfo (RFC 5480).

    Raises:
        ValueError: it is no point of P-256.
    """
    try:
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("not a public key") from None
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("not a key of the curve P-256")  # noqa: TRY004 - what is promised
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
