"""What a server refuses to start with."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterator
from urllib.parse import urlsplit

import phonenumbers
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from countersign.core.errors import ConfigurationError
from countersign.liveness.challenge import ChallengeRules
from countersign.models.entry import Pack
from countersign.server.configuration.schema import EmailVerification, LoginProfile, ServerConfiguration
from countersign.server.configuration.values import Secret

LEAST_SECRET_LENGTH = 43  # 256 bits in base64
LEAST_DISTINCT_CHARACTERS = 12
LEAST_RSA_BITS = 2048


def refusals(configuration: ServerConfiguration) -> list[str]:
    """One sentence for each setting that is unsafe or contradicts another; empty when the server may start."""
    return [
        *_about_origins(configuration),
        *_about_listening(configuration),
        *_about_secrets(configuration),
        *_about_accounts(configuration),
        *_about_policy(configuration),
        *_about_engine(configuration),
        *_about_storage(configuration),
        *_about_openid_connect(configuration),
        *_about_metrics(configuration),
    ]


def is_loopback(host: str) -> bool:
    """Whether `host` (a name or an address) is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _about_origins(configuration: ServerConfiguration) -> Iterator[str]:
    if not configuration.server.origins:
        yield "server.origins is empty"
    for origin in configuration.server.origins:
        parts = urlsplit(origin)
        exact = f"{parts.scheme}://{parts.netloc}" == origin and parts.hostname and "@" not in parts.netloc
        if parts.scheme not in {"http", "https"} or not exact or "*" in origin:
            yield f"server.origins: {origin!r} is no origin; one looks like https://login.example.org"
        elif parts.scheme == "http" and (configuration.in_production or not is_loopback(parts.hostname or "")):
            yield f"server.origins: {origin} is not https, so browsers give no camera there and passwords travel in clear"


def _about_listening(configuration: ServerConfiguration) -> Iterator[str]:
    server = configuration.server
    if server.debug and (configuration.in_production or not is_loopback(server.host)):
        yield "server.debug shows secrets to visitors: development on a loopback address only"
    if not configuration.in_production and not is_loopback(server.host):
        yield f"server.host {server.host} is open to others: that needs server.profile = production"
    if bool(server.tls_certificate) != bool(server.tls_key):
        yield "server.tls_certificate and server.tls_key go together"
    if configuration.in_production and not server.tls_certificate and server.trusted_proxies < 1:
        yield "production needs TLS: server.tls_certificate and server.tls_key, or server.trusted_proxies of 1 or more"
    if not 1 <= server.port <= 65_535:
        yield "server.port is no port"
    if server.workers < 1:
        yield "server.workers must be 1 or more"
    if server.trusted_proxies < 0 or server.hsts_seconds < 0:
        yield "server.trusted_proxies and server.hsts_seconds must not be negative"
    if server.max_request_bytes < 4096 or server.request_seconds < 1:
        yield "server.max_request_bytes must be 4096 or more and server.request_seconds 1 or more"
    if server.log_level not in logging.getLevelNamesMapping():
        yield f"server.log_level {server.log_level!r} is no level"


def _about_secrets(configuration: ServerConfiguration) -> Iterator[str]:
    keys = configuration.secrets
    named = {"secrets.secret_key": keys.secret_key, "secrets.audit_key": keys.audit_key}
    for name, secret in named.items():
        if secret is None:
            yield f"{name} is missing: `python -c 'import secrets; print(secrets.token_urlsafe(48))'` makes one"
        elif not _is_strong(secret):
            yield f"{name} is too weak: {LEAST_SECRET_LENGTH} random characters at least"
    if keys.secret_key and keys.secret_key == keys.audit_key:
        yield "secrets.secret_key and secrets.audit_key must differ"
    if not all(map(_is_rsa_key, (*([keys.signing_key] if keys.signing_key else []), *keys.previous_signing_keys))):
        yield "secrets.signing_key and previous ones are RSA keys of 2048 bits or more, as PEM: `openssl genrsa 2048`"
    if not all(map(_is_strong, (*keys.previous_secret_keys, *keys.previous_audit_keys))):
        yield "a previous key in [secrets] is too weak"


def _is_strong(secret: Secret) -> bool:
    text = secret.reveal()
    return len(text) >= LEAST_SECRET_LENGTH and len(set(text)) >= LEAST_DISTINCT_CHARACTERS


def _is_rsa_key(secret: Secret) -> bool:
    try:
        key = load_pem_private_key(secret.reveal().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return isinstance(key, RSAPrivateKey) and key.key_size >= LEAST_RSA_BITS


def _about_openid_connect(configuration: ServerConfiguration) -> Iterator[str]:
    settings = configuration.openid_connect
    if not 60 <= settings.access_token_seconds <= 3600 or not 60 <= settings.id_token_seconds <= 3600:
        yield "openid_connect.access_token_seconds and openid_connect.id_token_seconds must be 60 to 3600"
    if settings.refresh_token_seconds < settings.access_token_seconds:
        yield "openid_connect.refresh_token_seconds must not be less than openid_connect.access_token_seconds"
    if settings.token_requests_per_minute < 1:
        yield "openid_connect.token_requests_per_minute must be 1 or more"


def _about_metrics(configuration: ServerConfiguration) -> Iterator[str]:
    for network in configuration.metrics.networks:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            yield f"metrics.networks: {network!r} is no network; one looks like 10.0.0.0/8"
    token = configuration.metrics.token
    if token is not None and not _is_strong(token):
        yield f"metrics.token is too weak: {LEAST_SECRET_LENGTH} random characters at least"


def _about_accounts(configuration: ServerConfiguration) -> Iterator[str]:
    accounts = configuration.accounts
    if accounts.allow_pin and not accounts.biometric_step:
        yield "accounts.allow_pin needs accounts.biometric_step: a PIN alone can be guessed"
    if not 1 <= accounts.free_guesses <= 10:
        yield "accounts.free_guesses must be 1 to 10"
    if not 1 <= accounts.first_delay_seconds <= accounts.longest_delay_seconds:
        yield "accounts.first_delay_seconds must be 1 or more, and no longer than accounts.longest_delay_seconds"
    if accounts.longest_delay_seconds < 900:
        # SP 800-63B-4, 3.2.2: at most 100 failed attempts in a row. With 900 s and doubling that is a day at least.
        yield "accounts.longest_delay_seconds must be 900 or more"
    if accounts.logins_per_minute < 1:
        yield "accounts.logins_per_minute must be 1 or more"
    if accounts.phone_region and accounts.phone_region not in phonenumbers.SUPPORTED_REGIONS:
        yield f"accounts.phone_region {accounts.phone_region!r} is no country: two capital letters, such as NL"
    verifies = accounts.email_verification is not EmailVerification.NONE
    if configuration.in_production and verifies and configuration.mail.url is None:
        yield "accounts.email_verification needs mail.url"


def _about_policy(configuration: ServerConfiguration) -> Iterator[str]:
    policy = configuration.policy
    if policy.profile is LoginProfile.LAB and (configuration.in_production or not policy.insecure):
        yield "policy.profile lab checks no liveness: development with `countersign serve --insecure` only"
    try:
        ChallengeRules(mode=policy.challenge_mode, count=policy.challenge_count)
    except ConfigurationError as error:
        yield f"policy.challenge_count: {error.message}"
    # SP 800-63B-4, 3.2.3: at most 5 failed biometric attempts in a row, 10 with detection of attacks; then 30 s or more.
    if not 1 <= policy.free_attempts <= 10:
        yield "policy.free_attempts must be 1 to 10"
    if not 30 <= policy.first_delay_seconds <= policy.longest_delay_seconds:
        yield "policy.first_delay_seconds must be 30 or more, and no longer than policy.longest_delay_seconds"
    if policy.longest_delay_seconds < 900:
        yield "policy.longest_delay_seconds must be 900 or more"
    if not 0 <= policy.fallback_after <= policy.free_attempts:
        yield "policy.fallback_after must be 0 or more, and no more than policy.free_attempts"
    if not 1 <= policy.replay_days <= 3650:
        yield "policy.replay_days must be 1 to 3650"
    if not 1 <= policy.kept_days <= 3650:
        yield "policy.kept_days must be 1 to 3650"


def _about_engine(configuration: ServerConfiguration) -> Iterator[str]:
    engine, server = configuration.engine, configuration.server
    if min(engine.judged_at_once, engine.waiting_seconds, engine.decoders, engine.threads) < 1 or engine.waiting < 0:
        yield "the numbers in [engine] must be 1 or more, engine.waiting 0 or more"
    if engine.pack not in {Pack.CORE, Pack.PLUS}:
        yield "engine.pack must be core or plus"
    if server.max_upload_bytes < 1_000_000 or server.upload_seconds < 10:
        yield "server.max_upload_bytes must be 1000000 or more and server.upload_seconds 10 or more"
    if server.uploads_at_once < 1 or server.uploads_per_minute < 1:
        yield "server.uploads_at_once and server.uploads_per_minute must be 1 or more"


def _about_storage(configuration: ServerConfiguration) -> Iterator[str]:
    urls = {
        "storage.database_url": (configuration.storage.database_url, {"postgresql", "postgres"}),
        "storage.cache_url": (configuration.storage.cache_url, {"redis", "rediss"}),
        "vault.url": (configuration.vault.url, {"mongodb", "mongodb+srv"}),
        "mail.url": (configuration.mail.url, {"smtp", "smtp+tls", "smtps"}),
    }
    for name, (url, schemes) in urls.items():
        if url is not None and urlsplit(url.reveal()).scheme not in schemes:
            yield f"{name} must begin with {' or '.join(f'{scheme}://' for scheme in sorted(schemes))}"
    mail = urlsplit(configuration.mail.url.reveal() if configuration.mail.url else "")
    if configuration.in_production and mail.scheme == "smtp" and not is_loopback(mail.hostname or ""):
        yield "mail.url sends password links in clear: smtp+tls:// or smtps://"
