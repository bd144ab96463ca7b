"""Every page and every screen, by the way a person comes to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.browser.people import Person
from tests.browser.scripted_answers import challenge, refused_words
from tests.browser.serving import Site

CONSENTED = {"consent": "2026-01-01T00:00:00Z"}
ONE_LEFT = CONSENTED | {"accepted": [f"picture/{k}" for k in range(7)]}
OTHER_SENTENCE = "copper lantern seven rivers morning train"
OTHER_WORDS = CONSENTED | {
    "accepted": [f"picture/{k}" for k in range(8)] + [f"voice/{k}" for k in range(4)],
    "POST /enrolments/voices": [{"status": 200, "body": refused_words(4, OTHER_SENTENCE)}],
}
VOICES_LEFT = CONSENTED | {"accepted": [f"picture/{k}" for k in range(8)]}


def _stays(_person: Person) -> None:
    """The page as it comes."""


def _presses(*actions: str) -> Callable[[Person], None]:
    def act(person: Person) -> None:
        for action in actions:
            person.presses(action)

    return act


def _reads(*actions: str, then: str) -> Callable[[Person], None]:
    def act(person: Person) -> None:
        _presses(*actions)(person)
        person.reads(then)

    return act


def _stops_at_the_words(person: Person) -> None:
    _presses("allow")(person)
    person.tells(
        """
        const [cue, later] = [document.querySelector("[data-cue]"), window.setTimeout];
        const stop = (call, wait) => (wait > 200 ? 0 : later(call, wait));  // axe has timers of its own
        const look = () => { if (cue.textContent === "garden") window.setTimeout = stop; };
        new MutationObserver(look).observe(cue, {childList: true});
        """
    )
    person.presses("start")
    person.reads("garden")


def _reviews(*actions: str) -> Callable[[Person], None]:
    def act(person: Person) -> None:
        _presses(*actions)(person)
        person.sees('[data-action="use"]')

    return act


@dataclass(frozen=True, slots=True)
class Page:
    """One page, or one screen of one.

    Attributes:
        name: of its picture.
        path: its address.
        act: what the person does there to come to the screen.
        script: what the API answers.
        logged_in: whether Ann has to be.
    """

    name: str
    path: str
    act: Callable[[Person], None] = _stays
    script: dict[str, object] = field(default_factory=dict)
    logged_in: bool = False


def _open(name: str, path: str, act: Callable[[Person], None] = _stays, **script: object) -> Page:
    return Page(name, path, act, script)


def _own(name: str, path: str, act: Callable[[Person], None] = _stays, **script: object) -> Page:
    return Page(name, path, act, script, logged_in=True)


_RETRY = {
    "POST /attempts": [
        {
            "status": 200,
            "body": {
                "outcome": "retry",
                "advice": [
                    {"code": "closer", "text": "Come closer to the camera."},
                    {"code": "louder", "text": "Speak louder."},
                ],
                "attempts_left": 2,
            },
        }
    ]
}
_FAR = {
    "POST /guidance": [
        {
            "status": 200,
            "once": False,
            "body": {
                "face": {"box": [0.4, 0.4, 0.6, 0.6], "yaw": 0.0, "pitch": 0.0, "roll": 0.0},
                "advice": [{"code": "closer", "text": "Come closer to the camera."}],
            },
        }
    ]
}
_WORDS = {"POST /challenges": [{"status": 201, "body": challenge(["garden", "copper"])}]}
_HELD = {"POST /challenges": [{"status": 429, "body": {"code": "attempt.held_up"}, "headers": {"Retry-After": "40"}}]}

PAGES: tuple[Page, ...] = (
    _open("login", "/accounts/login/"),
    _open("signup", "/accounts/signup/"),
    _open("password-reset", "/accounts/password/reset/"),
    _open("password-reset-done", "/accounts/password/reset/done/"),
    _open("not-found", "/nowhere/"),
    _open("offline", "/static/web/offline.html"),
    _open("stage-explained", "/scripted/page/"),
    _open("stage-camera", "/scripted/page/", _reads("allow", then="Press Start when")),
    _open("stage-words", "/scripted/page/", _stops_at_the_words, **_WORDS),
    _open("stage-retry", "/scripted/page/", _reads("allow", "start", then="Speak louder"), **_RETRY),
    _open("stage-held-up", "/scripted/page/", _reads("allow", "start", then="Too many attempts"), **_HELD),
    _open("enrol-consent", "/scripted/enrol/", _reads(then="What you agree to")),
    _open("enrol-explained", "/scripted/enrol/", _reads(then="First your face"), **CONSENTED),
    _open("enrol-picture", "/scripted/enrol/", _reads("allow", then="Come closer"), **CONSENTED, **_FAR),
    _open("enrol-review", "/scripted/enrol/", _reviews("allow"), **ONE_LEFT),
    _open("enrol-sentence", "/scripted/enrol/", _reads("allow", then="Reading 1 of 5"), **VOICES_LEFT),
    _open(
        "enrol-other-words",
        "/scripted/enrol/",
        _reads("allow", "take", "take", "use", then="other words"),
        **OTHER_WORDS,
    ),
    _open("enrol-listen", "/scripted/enrol/", _reviews("allow", "take", "take"), **VOICES_LEFT),
    _own("account", "/account/", lambda person: person.reads("Firefox, Android"), enrolled=True, **CONSENTED),
    _own("account-new", "/account/", lambda person: person.reads("Neither your face")),
    _own("details", "/account/details/"),
    _own("logout", "/accounts/logout/"),
    _own("email", "/accounts/email/"),
    _own("password", "/accounts/password/change/"),
    _own("reauthenticate", "/accounts/reauthenticate/"),
    _own("sessions", "/accounts/sessions/"),
    _own("second-factors", "/accounts/2fa/"),
    _own("authenticator", "/accounts/2fa/totp/activate/"),
    _own("passkeys", "/accounts/2fa/webauthn/"),
    _own("passkey-new", "/accounts/2fa/webauthn/add/"),
    _own("forbidden", "/console/login/"),
)


def visit(person: Person, site: Site, page: Page) -> None:
    """Come to that page, with nothing left over from another."""
    site.script(**page.script)
    person.browser.delete_all_cookies()
    if page.logged_in:
        person.goes_to(f"{site.url}/scripted/session/")
    person.goes_to(f"{site.url}{page.path}")
    page.act(person)
