"""Where references are kept, and whose they are."""
