"""Recordings and references to evidence. Login and evaluation run this same object."""
