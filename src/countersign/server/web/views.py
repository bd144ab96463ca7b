"""Pages that are not allauth's."""

from __future__ import annotations

from django.contrib.auth.mixins import LoginRequiredMixin
from django.views.generic import TemplateView


class AccountView(LoginRequiredMixin, TemplateView):
    """What the server knows about the person, and where each of it is changed."""

    template_name = "web/account.html"
