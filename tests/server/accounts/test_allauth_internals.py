"""What we rely on in allauth beyond its documented interface. Whatever fails here changed with an upgrade."""

from __future__ import annotations

import inspect

import allauth
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.forms import AddEmailForm, ChangePasswordForm, ReauthenticateForm
from allauth.account.stages import LoginStage
from allauth.account.views import BaseReauthenticateView
from allauth.headless.account.inputs import ChangePasswordInput
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.stages import PasskeySignupStage
from allauth.mfa.webauthn.views import SignupWebAuthnView
from django.test import Client, RequestFactory

from countersign.server.accounts.adapters import AccountAdapter, SessionsAdapter
from countersign.server.accounts.allauth_internals import ErrorResponse, is_headless_request
from countersign.server.accounts.backends import IdentifierBackend
from countersign.server.accounts.models import User
from countersign.server.accounts.second_factors import SecondFactorAdapter
from tests.server.accounts.test_pages import log_in


def test_it_is_the_line_that_was_looked_at() -> None:
    assert allauth.VERSION[:2] == (65, 21)


def test_what_we_override_is_there_to_be_overridden() -> None:
    for ours in (AccountAdapter, SecondFactorAdapter, SessionsAdapter, IdentifierBackend):
        theirs = ours.__mro__[1]
        added = {"_just_taken"}
        for name, member in vars(ours).items():
            if inspect.isfunction(member) and name not in added:
                assert hasattr(theirs, name), f"{theirs.__name__}.{name}"


def test_password_checks_that_pass_by_the_adapter_ask_the_account_itself() -> None:
    for form in (ChangePasswordForm, ChangePasswordInput):
        assert ".check_password(" in inspect.getsource(form)
    assert "reauthenticate(" in inspect.getsource(ReauthenticateForm)
    assert "self.authenticate(" in inspect.getsource(DefaultAccountAdapter.reauthenticate)


def test_an_address_is_announced_before_it_is_added() -> None:
    assert "signals._add_email.send(" in inspect.getsource(AddEmailForm.clean_email)


def test_a_switched_off_account_is_handed_on_by_stashing() -> None:
    assert "unstash_authenticated_user" in inspect.getsource(DefaultAccountAdapter.authenticate)
    assert callable(AuthenticationBackend._stash_user)


def test_secrets_of_second_factors_pass_through_the_adapter() -> None:
    assert "encrypt" in vars(DefaultMFAAdapter)
    assert "decrypt" in vars(DefaultMFAAdapter)


def test_a_stage_is_what_the_biometric_step_will_derive_from() -> None:
    assert {"handle", "exit", "abort"} <= set(vars(LoginStage))
    assert list(inspect.signature(DefaultAccountAdapter.get_login_stages).parameters) == ["self"]


def test_the_stages_that_ours_replace_are_where_they_were() -> None:
    stages = DefaultAccountAdapter().get_login_stages()
    assert stages[-1] == "allauth.mfa.stages.AuthenticateStage", "what comes after it would come after ours"
    assert (AuthenticateStage.key, PasskeySignupStage.key) == ("mfa_authenticate", "mfa_signup_webauthn")
    assert "stage.exit()" in inspect.getsource(SignupWebAuthnView.form_valid)


def test_codes_of_second_factors_are_limited_by_the_setting_that_we_set() -> None:
    assert 'action="login_failed"' in inspect.getsource(check_rate_limit)


def test_pages_ask_again_by_the_first_method_and_refuse_those_that_are_not_listed() -> None:
    source = inspect.getsource(BaseReauthenticateView._check_reauthentication_method_available)
    assert "get_reauthentication_methods" in source
    assert 'methods[0]["url"]' in source


def test_what_was_used_to_log_in_is_kept_in_the_session(person: User, client: Client) -> None:
    log_in(client)
    (entry,) = client.session["account_authentication_methods"]
    assert entry["method"] == "password"


def test_a_request_of_a_page_is_not_headless() -> None:
    assert is_headless_request(RequestFactory().get("/")) is None
    assert "status" in inspect.signature(ErrorResponse).parameters
