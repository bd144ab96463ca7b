"""Tables of accounts."""

from countersign.server.accounts.models.guess_counter import Delays, GuessCounter, Refusal
from countersign.server.accounts.models.known_device import KnownDevice
from countersign.server.accounts.models.user import User

__all__ = ["Delays", "GuessCounter", "KnownDevice", "Refusal", "User"]
