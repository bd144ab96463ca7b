"""Traces of a recapture: a face that is filmed from a screen which shows it.

`patterns` measures fine regular patterns that run over face and background alike; `check` makes one calibrated score of them.
"""
