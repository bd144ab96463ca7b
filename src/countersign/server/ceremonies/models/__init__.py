"""Tables of the ceremonies."""
