"""What operators do to accounts, by the console and by `countersign users`: the same functions, the same audit rows."""
