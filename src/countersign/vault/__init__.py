"""Where references rest: encoded strictly, rotated by a key, sealed, and kept by an opaque id.

`references.Vault` is the way in; `docs/vault.md` says what it protects against and what not.
"""
