"""Bytes to a Recording, inside hard limits."""
