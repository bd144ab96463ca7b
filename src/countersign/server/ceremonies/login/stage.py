"""The stages of a login that are ours: face and voice after the password, and what may stand in for them.

Allauth keeps a login that waits at a stage in the session, where nobody but the server writes; no view takes it for a
login that is complete.
"""

from __future__ import annotations

import secrets

from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.stages import PasskeySignupStage
from django.http import HttpResponseBase

from countersign.server.accounts.allauth_internals import (
    LoginStage,
    did_use_passwordless_login,
    get_authentication_records,
    headed_redirect_response,
    is_mfa_enabled,
)
from countersign.server.accounts.models import User
from countersign.server.ceremonies.callers import STAGE
from countersign.server.ceremonies.references.holding import has_references
from countersign.server.configuration.schema import LoginProfile
from countersign.server.project.current import configuration

Handled = tuple[HttpResponseBase | None, bool]


class BiometricStage(LoginStage):
    """Holds a login until a recording was accepted, or until another second factor was chosen in its place.

    State: ``id`` names the pending login; ``auth_hash`` is the account's as the password was held good; ``passed`` is the
    accepted attempt; ``fallback`` says that the next stage has to do.
    """

    key = STAGE
    urlname = "account_biometric"

    def handle(self) -> Handled:
        """Wait. The page that this leads to knows whether there is anything to enrol first.

        Who has nothing enrolled, but another second factor, gives that: a password alone must not be enough to enrol
        another face over it.
        """
        user = self.login.user
        if not isinstance(user, User):
            return headed_redirect_response("account_login"), False
        if not has_references(user) and is_mfa_enabled(user, ["totp", "webauthn"]):
            self.state["fallback"] = True
            return None, True
        self.state.setdefault("id", secrets.token_urlsafe(32))
        self.state["auth_hash"] = user.get_session_auth_hash()
        return headed_redirect_response(self.urlname), True


class SecondFactorStage(AuthenticateStage):
    """Allauth's own second factor: only where it was chosen in place of face and voice, or where the profile wants both.

    Nothing that would let allauth pass over it counts once it was chosen: then it is asked, or the login ends.
    """

    def handle(self) -> Handled:
        """Wait, go on, or end the login."""
        user = self.login.user
        if did_use_passwordless_login(self.request, user):
            return None, True  # a passkey with user verification was given: it is what would be asked for
        if not self._wanted():
            return None, True
        if not is_mfa_enabled(user, ["totp", "webauthn"]):
            return headed_redirect_response("account_login"), False
        self.state["authentication_required"] = True
        return headed_redirect_response(self.urlname), True

    def _wanted(self) -> bool:
        biometric = self.controller.get_stage(STAGE)
        if biometric is None or not biometric.state.get("passed"):
            return True
        wants_both = configuration().policy.profile is LoginProfile.NIST_63B4
        return wants_both and is_mfa_enabled(self.login.user, ["webauthn"])


class PasskeyStage(PasskeySignupStage):
    """With `nist-63b4` no login is complete without a passkey (SP 800-63B-4, 3.2.3: biometrics go with a physical one).

    Who has none makes one here. Where the account has one and another factor was given in its place, the login ends.
    """

    def handle(self) -> Handled:
        """Wait, go on, or end the login."""
        if configuration().policy.profile is not LoginProfile.NIST_63B4 or self._was_used():
            return None, True
        if is_mfa_enabled(self.login.user, ["webauthn"]):
            return headed_redirect_response("account_login"), False
        return headed_redirect_response(self.urlname), True

    def _was_used(self) -> bool:
        records = get_authentication_records(self.request, self.login.user)
        return any(entry.get("method") == "mfa" and entry.get("type") == "webauthn" for entry in records)
