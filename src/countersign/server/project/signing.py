"""Keys of ID tokens, as allauth takes them."""

from __future__ import annotations

from countersign.server.configuration import Secrets


def oidc_keys(secrets: Secrets) -> list[dict[str, str]]:
    """The key that signs, and earlier ones that are still published so that their tokens verify. None: no provider."""
    if secrets.signing_key is None:
        return []
    keys = [{"pem": secrets.signing_key.reveal(), "issued_at": "2000-01-02"}]  # of several, the latest one signs
    return keys + [{"pem": key.reveal(), "issued_at": "2000-01-01"} for key in secrets.previous_signing_keys]
