"""What we rely on in allauth's provider beyond its documented interface. Whatever fails here changed with an upgrade."""

from __future__ import annotations

import inspect

from allauth.idp.oidc.internal.oauthlib import authorization_codes
from allauth.idp.oidc.internal.oauthlib.request_validator import OAuthLibRequestValidator
from allauth.idp.oidc.models import Token
from allauth.idp.oidc.views import AuthorizationView as TheirAuthorizationView
from allauth.idp.oidc.views import LogoutView as TheirLogoutView
from allauth.idp.oidc.views import TokenView as TheirTokenView

from countersign.server.oidc.adapter import OIDCAdapter
from countersign.server.oidc.authorization import AuthorizationView
from countersign.server.oidc.models import credential_hash
from countersign.server.oidc.tokens import LogoutView, TokenView


def test_what_we_override_is_there_to_be_overridden() -> None:
    for ours, own in (
        (OIDCAdapter, set()),
        (AuthorizationView, {"_back_to_the_application", "_check", "_facts", "_remember", "_send_away", "_step"}),
        (TokenView, set()),
        (LogoutView, set()),
    ):
        theirs = ours.__mro__[1]
        for name, member in vars(ours).items():
            if inspect.isfunction(member) and name not in own | {"_take_claims_out"}:
                assert hasattr(theirs, name), f"{theirs.__name__}.{name}"


def test_tokens_are_stored_under_the_hash_that_we_know_them_by() -> None:
    token = Token()
    token.set_value("a token")
    assert token.hash == credential_hash("a token")


def test_the_consent_form_carries_what_was_signed() -> None:
    assert "signer.sign_object((self._scopes, request_info))" in inspect.getsource(TheirAuthorizationView.get_initial)
    assert "credentials.update(self._request_info)" in inspect.getsource(TheirAuthorizationView.form_valid)
    assert "_login_required(request)" in inspect.getsource(TheirAuthorizationView.post)


def test_silent_logins_still_look_at_tokens_of_any_application_so_we_look_ourselves() -> None:
    assert "client" not in inspect.getsource(OAuthLibRequestValidator.validate_silent_authorization)


def test_codes_are_still_used_up_without_a_claim_of_their_own_so_we_claim_them() -> None:
    assert "cache.delete" in inspect.getsource(authorization_codes.invalidate)
    assert "transaction" not in inspect.getsource(authorization_codes)


def test_an_error_of_the_token_endpoint_is_an_answer_not_an_exception() -> None:
    assert "except OAuth2Error" in inspect.getsource(TheirTokenView.post)
    assert "_handle(form, " in inspect.getsource(TheirLogoutView)
