"""The contract's assertions explain themselves when they fail, as those of test modules do."""

import pytest

pytest.register_assert_rewrite("tests.vault.contract")
