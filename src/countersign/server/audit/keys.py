"""Where this process has its audit keys and its anchor."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from countersign.server.audit.chain import ChainKeys
from countersign.server.configuration import Secrets
from countersign.server.project.current import configuration


def chain_keys() -> ChainKeys:
    """The keys of the configuration."""
    return _keys(configuration().secrets)


def anchor_path() -> Path:
    """The file in the data folder that remembers how far the log went, outside of the database."""
    return configuration().server.data_dir / "audit-anchor.json"


@lru_cache(maxsize=4)
def _keys(secrets: Secrets) -> ChainKeys:
    assert secrets.audit_key is not None  # noqa: S101 - no configuration is loaded without one
    return ChainKeys(secrets.audit_key.reveal(), [key.reveal() for key in secrets.previous_audit_keys])
