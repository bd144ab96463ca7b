"""Challenges, attempts and the keys of devices: the login ceremony."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("ceremonies", "0001_references"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChallengeRecord",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "purpose",
                    models.CharField(
                        choices=[("login", "LOGIN"), ("reauthentication", "REAUTHENTICATION")], max_length=20
                    ),
                ),
                ("binding", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "OPEN"), ("used", "USED"), ("replaced", "REPLACED")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("mode", models.CharField(max_length=10)),
                ("language", models.CharField(max_length=20)),
                ("words", models.JSONField()),
                ("first", models.CharField(max_length=10)),
                ("extent_deg", models.PositiveSmallIntegerField()),
                ("order", models.CharField(max_length=20)),
                ("nonce", models.BinaryField(max_length=32)),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SigningDevice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                ("public_key", models.BinaryField()),
                ("key_hash", models.CharField(editable=False, max_length=64)),
                ("pending", models.CharField(blank=True, editable=False, max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_used_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signing_devices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "known_device",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.knowndevice",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "purpose",
                    models.CharField(
                        choices=[("login", "LOGIN"), ("reauthentication", "REAUTHENTICATION")], max_length=20
                    ),
                ),
                ("binding", models.CharField(db_index=True, editable=False, max_length=64)),
                ("challenge", models.UUIDField(editable=False, unique=True)),
                ("profile", models.CharField(max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reserved", "RESERVED"),
                            ("accepted", "ACCEPTED"),
                            ("retry", "RETRY"),
                            ("rejected", "REJECTED"),
                            ("unreadable", "UNREADABLE"),
                        ],
                        db_index=True,
                        default="reserved",
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ("settled_at", models.DateTimeField(null=True)),
                ("findings", models.JSONField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="ceremonies.signingdevice",
                    ),
                ),
            ],
            options={
                "ordering": ("-at",),
            },
        ),
        migrations.AddConstraint(
            model_name="signingdevice",
            constraint=models.UniqueConstraint(fields=("account", "key_hash"), name="one_key_once_an_account"),
        ),
    ]
