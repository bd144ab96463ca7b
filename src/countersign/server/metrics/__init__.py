"""Figures of the running server, for Prometheus. Counts and times, of nobody in particular."""
