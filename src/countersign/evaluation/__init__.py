"""Trials, error rates with intervals, presentation attacks, the report."""
