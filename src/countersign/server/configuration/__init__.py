"""Settings: typed, each with its source, refused when unsafe.

A setting comes from the environment (``COUNTERSIGN_<SECTION>_<NAME>``), else from a TOML file (``--config`` or
``COUNTERSIGN_CONFIG``), else from its default. `load` returns one frozen object; nothing reads the environment later.
"""

from countersign.server.configuration.describe import SettingInForce, describe
from countersign.server.configuration.load import load
from countersign.server.configuration.schema import (
    Accounts,
    EmailVerification,
    Mail,
    Metrics,
    OpenIDConnect,
    Profile,
    Secrets,
    Server,
    ServerConfiguration,
    Storage,
)
from countersign.server.configuration.values import Secret, Source, SourceKind

__all__ = [
    "Accounts",
    "EmailVerification",
    "Mail",
    "Metrics",
    "OpenIDConnect",
    "Profile",
    "Secret",
    "Secrets",
    "Server",
    "ServerConfiguration",
    "SettingInForce",
    "Source",
    "SourceKind",
    "Storage",
    "describe",
    "load",
]
