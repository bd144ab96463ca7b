"""The profile in force, as the engine's rules and as what it allows besides."""

from __future__ import annotations

import secrets
from datetime import datetime

from countersign.liveness.challenge import Challenge, ChallengeRules, Mode
from countersign.liveness.word_list import WordList
from countersign.policy.profiles import LAB, NIST_63B4, STANDARD, Profile
from countersign.server.accounts.allauth_internals import is_mfa_enabled
from countersign.server.accounts.models import User
from countersign.server.configuration.schema import LoginProfile
from countersign.server.project.current import configuration

_RULES = {LoginProfile.STANDARD: STANDARD, LoginProfile.NIST_63B4: NIST_63B4, LoginProfile.LAB: LAB}
_FALLBACKS = ("totp", "recovery_codes", "webauthn")


def rules() -> Profile:
    """What must hold for a recording to be accepted."""
    return _RULES[configuration().policy.profile]


def draw_challenge(now: datetime) -> Challenge:
    """A new challenge, from the operating system's source of randomness."""
    policy = configuration().policy
    mode, language = policy.challenge_mode, policy.challenge_language
    words = WordList.words(language) if mode is Mode.WORDS else WordList.digits(language)
    return ChallengeRules(mode=mode, count=policy.challenge_count).draw(words, source=secrets, now=now)


def fallbacks_of(account: User) -> tuple[str, ...]:
    """The second factors that may stand in for face and voice, of those that the person set up.

    Recovery codes alone are none: they belong to one of the others. With `nist-63b4` only a passkey will do.
    """
    strict = configuration().policy.profile is LoginProfile.NIST_63B4
    if not is_mfa_enabled(account, ["webauthn"] if strict else ["totp", "webauthn"]):
        return ()
    allowed = ("webauthn",) if strict else _FALLBACKS
    return tuple(kind for kind in allowed if is_mfa_enabled(account, [kind]))
