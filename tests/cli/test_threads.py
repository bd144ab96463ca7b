"""One call uses one thread: whatever the command, before NumPy is imported."""

from __future__ import annotations

import os
import subprocess
import sys

PROBE = """
import countersign.cli, sys
assert "numpy" not in sys.modules, "too late to tell it"
import os
print(os.environ["OPENBLAS_NUM_THREADS"])
"""


def run(**variables: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    return subprocess.check_output([sys.executable, "-c", PROBE], env=clean | variables, text=True).strip()


def test_matrix_products_use_one_thread_unless_the_operator_says_otherwise() -> None:
    assert run() == "1"
    assert run(OPENBLAS_NUM_THREADS="4") == "4"
