"""Profiles and the decision: pure, total, failing closed."""
