"""Find speech, embed the speaker, describe the prosody."""
