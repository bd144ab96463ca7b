"""Who can come in how: the biometric step, other applications, readers of the figures."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from countersign.server.configuration import ServerConfiguration
from countersign.server.configuration.schema import LoginProfile
from countersign.server.diagnosis.finding import Finding, note, unsafe, well
from countersign.server.oidc.models import Application


def login(configuration: ServerConfiguration) -> Iterator[Finding]:
    """What a login asks for."""
    if not configuration.accounts.biometric_step:
        yield note("login", "asks for no face and voice", "accounts.biometric_step")
    elif configuration.policy.profile is LoginProfile.LAB:
        yield unsafe("login", "under the profile lab a recording of anybody alive or not will do", "policy.profile")
    else:
        yield well("login", f"asks for face and voice, by the profile {configuration.policy.profile.value}")


def applications(configuration: ServerConfiguration) -> Iterator[Finding]:
    """Whether other applications can log people in here."""
    count = Application.objects.filter(active=True).count()
    if configuration.secrets.signing_key is None:
        if count:
            yield note("applications", f"{count} are registered and none can be served", "secrets.signing_key")
        else:
            yield well("applications", "none can log people in here: there is no signing key")
        return
    yield well("applications", f"{count} can log people in here")


def metrics(configuration: ServerConfiguration) -> Iterator[Finding]:
    """Who may read the figures."""
    networks = [ipaddress.ip_network(network) for network in configuration.metrics.networks]
    public = [str(network) for network in networks if not (network.is_private or network.is_loopback)]
    if public:
        yield unsafe("metrics", f"open to {', '.join(public)}", "metrics.networks of your own, or metrics.token")
    else:
        elsewhere = "with the token" if configuration.metrics.token else "not at all"
        yield well("metrics", f"read from {', '.join(map(str, networks)) or 'no network'}; from elsewhere {elsewhere}")
