"""Where allauth's provider asks us."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client, Token

from countersign.server.accounts.models import User
from countersign.server.oidc.access import holds
from countersign.server.oidc.allauth_internals import context
from countersign.server.oidc.facts import Acr
from countersign.server.oidc.models import Credential, Grant

_CLAIMS = (
    *("acr", "amr", "aud", "auth_time", "exp", "iat", "iss", "nonce", "sub"),
    *("email", "email_verified", "name", "preferred_username"),
)
_METADATA: dict[str, Any] = {
    "acr_values_supported": [acr.value for acr in Acr],
    "claims_supported": sorted(_CLAIMS),
    "claims_parameter_supported": True,
    "request_parameter_supported": False,
    "request_uri_parameter_supported": False,
    "grant_types_supported": ["authorization_code", "refresh_token"],
    "response_types_supported": ["code"],
    "response_modes_supported": ["query"],
    "prompt_values_supported": ["none", "login", "consent"],
    "authorization_response_iss_parameter_supported": True,
}
_NOT_OFFERED = ("device_authorization_endpoint", "registration_endpoint")


class OIDCAdapter(DefaultOIDCAdapter):
    """ID tokens with the facts of the login, metadata without what is not offered."""

    def populate_id_token(self, id_token: dict[str, Any], client: Client, scopes: Iterable[str], **_: Any) -> None:  # noqa: ARG002 - allauth's
        """Add what was true of the login that the grant stands on, also at every refresh."""
        grant: Grant | None = getattr(context.request, "grant_in_use", None)
        if grant is None:
            raise RuntimeError(
                "an ID token without a grant"
            )  # no answer is better than one that says less than the truth
        id_token.update(grant.claims)

    def get_claims(
        self, purpose: Any, user: User, client: Client, scopes: Iterable[str], **kwargs: Any
    ) -> dict[str, Any]:
        """The person's name in one field, as it is kept."""
        claims: dict[str, Any] = super().get_claims(purpose, user, client, scopes, **kwargs)
        if "profile" in scopes and user.name:
            claims["name"] = user.name
        return claims

    def populate_server_metadata(self, data: dict[str, Any]) -> None:
        """Say what is offered, and nothing else."""
        for name in _NOT_OFFERED:
            data.pop(name, None)
        data.update(_METADATA)

    def is_introspection_allowed(self, token: Token, *, caller_client: Client) -> bool:  # noqa: ARG002 - allauth's
        """A token is active while its grant holds."""
        return _grant(token) is not None

    def populate_introspection_response(self, *, response: dict[str, Any], token: Token) -> None:
        """How the person logged in, for an application that asks for more (RFC 9470, 6.2)."""
        grant = _grant(token)
        if grant is not None:
            response.update({name: grant.claims[name] for name in ("acr", "auth_time") if name in grant.claims})


def _grant(token: Token) -> Grant | None:
    credential = Credential.objects.select_related("grant__account").filter(pk=token.hash).first()
    return credential.grant if credential and holds(credential.grant) else None
