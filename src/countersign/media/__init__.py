"""Bytes to a Recording, inside hard limits: `decode` in this process, `worker` in one that may crash; and quality."""
