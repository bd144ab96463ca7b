"""Accounts: who there is, what they log in with, and how guessing is held up."""
