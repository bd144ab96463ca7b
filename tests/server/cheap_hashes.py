"""Argon2id at its cheapest: tests compute hundreds of hashes."""

from countersign.server.accounts.hashers import Argon2Hasher


class CheapArgon2Hasher(Argon2Hasher):
    """The same code, one pass over eight kibibytes."""

    time_cost = 1
    memory_cost = 8
