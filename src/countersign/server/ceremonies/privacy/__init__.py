"""Consent, access and erasure (GDPR, articles 7, 15, 17 and 20)."""
