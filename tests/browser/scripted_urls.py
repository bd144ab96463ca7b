"""The project's addresses, with a scripted API in place of the real one."""

from __future__ import annotations

from django.urls import path, re_path

from countersign.server.project import urls
from tests.browser import scripted_api

urlpatterns = [
    path("scripted/", scripted_api.control),
    path("scripted/session/", scripted_api.session),
    path("scripted/page/", scripted_api.stage),
    path("scripted/enrol/", scripted_api.enrolment_of_a_pending_login),
    re_path(r"^api/v1(?P<path>/.*)$", scripted_api.answer),
    *urls.urlpatterns,
]
