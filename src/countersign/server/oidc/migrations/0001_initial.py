"""Applications, grants and their credentials."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("allauth_idp_oidc", "0003_client_allow_uri_wildcards"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Application",
            fields=[
                (
                    "client",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="application",
                        serialize=False,
                        to="allauth_idp_oidc.client",
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                ("restricted", models.BooleanField(default=False)),
                (
                    "least_acr",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("urn:countersign:acr:single-factor", "SINGLE_FACTOR"),
                            ("urn:countersign:acr:two-factors", "TWO_FACTORS"),
                            ("urn:countersign:acr:biometric", "BIOMETRIC"),
                        ],
                        max_length=64,
                    ),
                ),
                ("people", models.ManyToManyField(blank=True, to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("session_key", models.CharField(db_index=True, editable=False, max_length=40)),
                ("scopes", models.TextField(blank=True)),
                ("claims", models.JSONField(default=dict)),
                ("granted_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("used_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="grants", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="grants", to="allauth_idp_oidc.client"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Credential",
            fields=[
                ("hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("code", "authorization code"),
                            ("access", "access token"),
                            ("refresh", "refresh token"),
                        ],
                        max_length=8,
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="credentials", to="oidc.grant"
                    ),
                ),
            ],
        ),
    ]
