"""Every setting, with its type, its default and one sentence about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, TypeAlias

import platformdirs

from countersign.liveness.challenge import Mode
from countersign.models.entry import Pack
from countersign.server.configuration.values import Secret, Source

_DATA_DIR = platformdirs.user_data_path("countersign")


class Profile(StrEnum):
    """What the server runs for. Development is for one machine, production refuses whatever is unsafe."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class EmailVerification(StrEnum):
    """Whether an e-mail address must be proved before the first login."""

    MANDATORY = "mandatory"
    OPTIONAL = "optional"
    NONE = "none"


class LoginProfile(StrEnum):
    """What a recording must show to log somebody in. `lab` compares and checks nothing else."""

    STANDARD = "standard"
    NIST_63B4 = "nist-63b4"
    LAB = "lab"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """How the server is reached, and what it takes."""

    profile: Annotated[Profile, "What the server runs for."] = Profile.DEVELOPMENT
    debug: Annotated[bool, "Show tracebacks in the browser. Development on this machine only."] = False
    origins: Annotated[tuple[str, ...], "Addresses that browsers know the server by, scheme and host."] = (
        "http://localhost:8000",
        "http://127.0.0.1:8000",
    )
    host: Annotated[str, "Address to listen on."] = "127.0.0.1"
    port: Annotated[int, "Port to listen on."] = 8000
    workers: Annotated[int, "Server processes."] = 1
    tls_certificate: Annotated[Path | None, "Certificate chain (PEM), where no proxy does TLS."] = None
    tls_key: Annotated[Path | None, "Private key (PEM) of the certificate."] = None
    trusted_proxies: Annotated[int, "How many proxies stand before the server, each adding to X-Forwarded-For."] = 0
    hsts_seconds: Annotated[int, "How long browsers must use TLS only (HSTS). Two years as preload lists ask."] = (
        63_072_000
    )
    max_request_bytes: Annotated[int, "Largest body of a request that carries no media."] = 65_536
    request_seconds: Annotated[int, "How long a body may take to arrive."] = 30
    max_upload_bytes: Annotated[int, "Largest upload of a recording or a picture."] = 16 * 1024 * 1024
    upload_seconds: Annotated[int, "How long an upload may take to arrive."] = 60
    uploads_at_once: Annotated[int, "Uploads that one process takes in at the same time, each held in memory."] = 8
    uploads_per_minute: Annotated[int, "Uploads a minute from one network address, for each process."] = 60
    data_dir: Annotated[Path, "Folder of the database, of generated secrets and of the audit anchor."] = _DATA_DIR
    log_level: Annotated[str, "Least level that is logged."] = "INFO"


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where things are kept."""

    database_url: Annotated[Secret | None, "postgresql://…; without one, SQLite in the data folder."] = None
    cache_url: Annotated[Secret | None, "redis://…; without one, a table of the database."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """Where sealed references rest. The keys to them are given apart: docs/vault.md."""

    url: Annotated[Secret | None, "mongodb://… or mongodb+srv://…; without one, tables of the database."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Keys. In development they are made at the first start and kept in the data folder, readable by their owner only."""

    secret_key: Annotated[Secret | None, "Signs cookies and links, encrypts second-factor secrets."] = None
    previous_secret_keys: Annotated[tuple[Secret, ...], "Earlier secret keys that still verify and decrypt."] = ()
    audit_key: Annotated[Secret | None, "Keys the audit log's chain. Never the same as the secret key."] = None
    previous_audit_keys: Annotated[tuple[Secret, ...], "Earlier audit keys, to verify older rows."] = ()
    signing_key: Annotated[
        Secret | None, "Signs ID tokens for other applications (RSA, PEM). In production, without one there are none."
    ] = None
    previous_signing_keys: Annotated[tuple[Secret, ...], "Earlier signing keys, still published."] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Who may have an account, and how guessing is held up."""

    sign_up_open: Annotated[bool, "Anyone may sign up."] = True
    email_verification: Annotated[
        EmailVerification, "Whether an e-mail address must be proved before the first login."
    ] = EmailVerification.OPTIONAL
    biometric_step: Annotated[bool, "Ask for face and voice after the password."] = True
    allow_pin: Annotated[bool, "A PIN of 6 to 12 digits may stand for the password."] = False
    phone_region: Annotated[str, "Country (ISO 3166, two letters) of phone numbers typed without a country code."] = ""
    logins_per_minute: Annotated[int, "Login requests a minute from one network address."] = 30
    free_guesses: Annotated[int, "Wrong passwords before the first delay, for each account and device."] = 5
    first_delay_seconds: Annotated[int, "The first delay. Each further wrong password doubles it."] = 30
    longest_delay_seconds: Annotated[int, "The longest delay."] = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the biometric step asks, and how failed attempts are held up."""

    profile: Annotated[LoginProfile, "What a recording must show: docs/decisions/0001-profiles.md."] = (
        LoginProfile.STANDARD
    )
    challenge_mode: Annotated[Mode, "What is read aloud."] = Mode.WORDS
    challenge_count: Annotated[int, "How many: 4 to 6 words, or 6 to 8 digits."] = 5
    challenge_language: Annotated[str, "Language of the words (BCP 47)."] = "en"
    free_attempts: Annotated[int, "Failed attempts before the first delay, for each account and device."] = 5
    first_delay_seconds: Annotated[int, "The first delay. Each further failed attempt doubles it."] = 30
    longest_delay_seconds: Annotated[int, "The longest delay."] = 86_400
    fallback_after: Annotated[
        int, "Failed attempts of one login before another second factor is offered; 0 offers it at once."
    ] = 3
    replay_days: Annotated[int, "Days for which fingerprints of recordings are remembered, to know them again."] = 90
    kept_days: Annotated[
        int, "Days for which attempts are kept with what was found in them, and devices that were never used."
    ] = 400
    insecure: Annotated[bool, "Allow the profile lab. Set by `countersign serve --insecure`."] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """The models, and how much is computed at once."""

    pack: Annotated[Pack, "Models that compare and check. Another pack needs everybody to enrol anew."] = Pack.CORE
    judged_at_once: Annotated[int, "Recordings that one process judges at the same time."] = 2
    waiting: Annotated[int, "Further ones that wait for a place; beyond them the answer is 503."] = 6
    waiting_seconds: Annotated[int, "How long one may wait for a place."] = 20
    decoders: Annotated[int, "Processes that open media files, for each server process."] = 2
    threads: Annotated[int, "Threads of one model."] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """How mail leaves."""

    url: Annotated[
        Secret | None,
        "smtp+tls://user:password@host:587 or smtps://…; without one, mail is written to files in the data folder.",
    ] = None
    sender: Annotated[str, "The From of what the server sends."] = "countersign@localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIDConnect:
    """Logging in to other applications with an account here."""

    id_token_seconds: Annotated[int, "How long an ID token is good for."] = 300
    access_token_seconds: Annotated[int, "How long an access token is good for, at most: it ends with its session."] = (
        600
    )
    refresh_token_seconds: Annotated[int, "How long a refresh token may lie unused, at most."] = 14 * 86_400
    token_requests_per_minute: Annotated[int, "Requests for tokens a minute from one network address."] = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Who may read `/metrics`."""

    networks: Annotated[tuple[str, ...], "Networks that may, such as 10.0.0.0/8. By the address of the connection."] = (
        "127.0.0.0/8",
        "::1/128",
    )
    token: Annotated[Secret | None, "Whoever sends it (Authorization: Bearer) may, from anywhere."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfiguration:
    """All settings in force.

    Attributes:
        sources: where each came from, by its name ("accounts.allow_pin").
    """

    server: Server = field(default_factory=Server)
    storage: Storage = field(default_factory=Storage)
    vault: Vault = field(default_factory=Vault)
    secrets: Secrets = field(default_factory=Secrets)
    accounts: Accounts = field(default_factory=Accounts)
    policy: Policy = field(default_factory=Policy)
    engine: EngineSettings = field(default_factory=EngineSettings)
    mail: Mail = field(default_factory=Mail)
    openid_connect: OpenIDConnect = field(default_factory=OpenIDConnect)
    metrics: Metrics = field(default_factory=Metrics)
    sources: Mapping[str, Source] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def in_production(self) -> bool:
        """Whether nothing unsafe may pass."""
        return self.server.profile is Profile.PRODUCTION

    @property
    def over_tls(self) -> bool:
        """Whether browsers reach the server by TLS only."""
        return all(origin.startswith("https://") for origin in self.server.origins)

    @property
    def least_password_length(self) -> int:
        """NIST SP 800-63B-4, 3.1.1.2: 15 characters for a password that stands alone, 8 as part of several factors."""
        return 8 if self.accounts.biometric_step else 15


Section: TypeAlias = (
    Server | Storage | Vault | Secrets | Accounts | Policy | EngineSettings | Mail | OpenIDConnect | Metrics
)
SECTIONS: Mapping[str, type[Section]] = MappingProxyType(
    {
        "server": Server,
        "storage": Storage,
        "vault": Vault,
        "secrets": Secrets,
        "accounts": Accounts,
        "policy": Policy,
        "engine": EngineSettings,
        "mail": Mail,
        "openid_connect": OpenIDConnect,
        "metrics": Metrics,
    }
)
