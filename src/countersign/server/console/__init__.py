"""The console, for operators: what happened and why. Numbers and codes; no media, ever."""
