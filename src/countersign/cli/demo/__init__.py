"""``countersign demo``: sample people enrol, and each tries to log in as each."""
