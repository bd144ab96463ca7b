"""The login ceremony: a challenge, one recording, one judgement."""
