"""The audit log: append-only rows, each bound to the one before by a keyed hash.

`record` writes a row in the transaction of what it records; `verification.verify` finds any change, gap, reordering or
missing end.
"""
