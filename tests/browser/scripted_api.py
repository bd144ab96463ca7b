"""The API's contract with answers that a test scripts. What was asked is kept, signatures are verified for real."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

from allauth.usersessions.models import UserSession
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.contrib.auth import get_user_model, login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect, ensure_csrf_cookie

from countersign.server.accounts.allauth_internals import record_authentication
from tests.browser.scripted_answers import ACCOUNT, NONCE, SCRIPT, all_goes_well


@csrf_exempt
def control(request: HttpRequest) -> JsonResponse:
    """POST starts anew with these answers, by "METHOD /path"; GET tells what was asked."""
    if request.method == "POST":
        SCRIPT.reset()
        given = json.loads(request.body)
        SCRIPT.consent, SCRIPT.enrolled = given.pop("consent", None), given.pop("enrolled", False)
        SCRIPT.accepted = set(given.pop("accepted", []))
        SCRIPT.answers.update(given)
    return JsonResponse({"asked": SCRIPT.asked})


def session(request: HttpRequest) -> HttpResponse:
    """Log Ann in, by no door that a real server has."""
    user = get_user_model().objects.get(username="ann")
    login(request, user)
    record_authentication(request, user, method="password", reauthenticated=True)
    UserSession.objects.create_from_request(request)
    return redirect("account")


@ensure_csrf_cookie
def stage(request: HttpRequest) -> HttpResponse:
    """The page of the login's stage, as its view would show it."""
    config = {
        "purpose": "login",
        "account": ACCOUNT,
        "next": "/accounts/login/",
        "fallback_url": "/f/",
        "fallbacks": [],
    }
    return render(request, "ceremonies/biometric.html", {"config": config})


@ensure_csrf_cookie
def enrolment_of_a_pending_login(request: HttpRequest) -> HttpResponse:
    """The page of enrolment, as somebody sees it who has yet to log in."""
    context = {
        "account": ACCOUNT,
        "kind": "replace",
        "layout": "allauth/layouts/entrance.html",
        "onward": "/accounts/login/",
    }
    return render(request, "web/enrolment.html", context)


@csrf_protect
def answer(request: HttpRequest, path: str) -> HttpResponse:
    """One answer: the scripted one, or that of somebody for whom all goes well."""
    name = f"{request.method} {path}"
    SCRIPT.asked.append({"name": name} | _facts(request, path))
    general = f"{request.method} {re.sub(r'/[0-9a-f-]{36}|/[0-9]+', '', path)}"
    for key in (name, general):
        if SCRIPT.answers.get(key):
            scripted = SCRIPT.answers[key]
            given = scripted.pop(0) if len(scripted) > 1 or scripted[0].get("once", True) else scripted[0]
            return JsonResponse(given.get("body"), status=given["status"], headers=given.get("headers", {}), safe=False)
    found = all_goes_well(name, request.body if request.content_type == "application/json" else b"")
    return HttpResponse(status=204) if found is None else JsonResponse(found, safe=False)


def _facts(request: HttpRequest, path: str) -> dict[str, Any]:
    if "media" not in request.FILES:
        return {"body": request.body.decode("utf-8", "replace")} if request.content_type == "application/json" else {}
    media = request.FILES["media"].read()  # type: ignore[union-attr]  # one file
    if path == "/attempts":
        purpose = f"login/{request.POST['challenge']}"
    else:
        purpose = re.sub(r"^/enrolments/(.+)/(picture|voice)s/(\d+)$", r"enrolment/\1/\2/\3", path)
    return {
        "bytes": len(media),
        "starts": media[:12].hex(),
        "type": request.FILES["media"].content_type,  # type: ignore[union-attr]
        "signed": _is_signed(media, purpose, request.POST["device"], request.POST["signature"]),
    }


def _is_signed(media: bytes, purpose: str, device: str, signature: str) -> bool:
    message = f"countersign-upload-v1\n{purpose}\n{NONCE}\n{hashlib.sha256(media).hexdigest()}".encode()
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    encoded = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    try:
        SCRIPT.keys[device].verify(encoded, message, ECDSA(SHA256()))
    except (KeyError, InvalidSignature):
        return False
    return True
