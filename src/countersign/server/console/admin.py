"""What the console's tables are: Django looks for them in a module of this name."""

from countersign.server.console import attempts, people, tables

__all__ = ["attempts", "people", "tables"]
