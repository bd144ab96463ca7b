"""How the console looks, and what its side bar leads to: `settings.UNFOLD`."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

_PAGES = (
    (
        _("What happened"),
        (
            (_("Attempts"), "videocam", "admin:ceremonies_attempt_changelist"),
            (_("Scores"), "bar_chart", "admin:scores"),
            (_("Failures to acquire"), "sensors_off", "admin:failures"),
            (_("Alarms"), "warning", "admin:alarms"),
        ),
    ),
    (
        _("Who there is"),
        (
            (_("People"), "person", "admin:accounts_user_changelist"),
            (_("References"), "fingerprint", "admin:ceremonies_referenceset_changelist"),
            (_("Enrolments"), "how_to_reg", "admin:ceremonies_enrolmentsession_changelist"),
            (_("Consents"), "task", "admin:ceremonies_consent_changelist"),
            (_("Applications"), "apps", "admin:oidc_application_changelist"),
        ),
    ),
    (
        _("The server"),
        (
            (_("Audit log"), "history", "admin:audit_auditentry_changelist"),
            (_("Verify the log"), "verified", "admin:verification"),
            (_("Settings in force"), "settings", "admin:settings_in_force"),
        ),
    ),
)

APPEARANCE: dict[str, Any] = {
    "SITE_TITLE": "Countersign",
    "SITE_HEADER": "Countersign",
    "SHOW_HISTORY": False,
    "STYLES": [lambda _request: static("console/console.css")],
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "title": title,
                "items": [{"title": name, "icon": icon, "link": reverse_lazy(page)} for name, icon, page in pages],
            }
            for title, pages in _PAGES
        ],
    },
}
