"""The project's settings for tests and for the type checker: keys and folder of its own, hashes that cost little."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

_SECTIONS = (
    "CONFIG",
    "SERVER_",
    "STORAGE_",
    "VAULT_",
    "KEY_FILE",
    "KEYS",
    "KMS",
    "SECRETS_",
    "ACCOUNTS_",
    "POLICY_",
    "ENGINE_",
    "MAIL_",
    "OPENID_CONNECT_",
    "METRICS_",
)
for _variable in [name for name in os.environ if name.startswith(tuple(f"COUNTERSIGN_{part}" for part in _SECTIONS))]:
    del os.environ[_variable]
if "pytest" in sys.modules:
    FOLDER = Path(tempfile.mkdtemp(prefix="countersign-tests-"))
    atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
else:  # the type checker ends without running what is registered
    FOLDER = Path(tempfile.gettempdir()) / "countersign-types"
os.environ |= {
    "COUNTERSIGN_SERVER_DATA_DIR": str(FOLDER),
    "COUNTERSIGN_ACCOUNTS_BIOMETRIC_STEP": "false",  # what has nothing to do with it is tested without it
    "COUNTERSIGN_SECRETS_SECRET_KEY": "for-tests-only-abcdefghijklmnopqrstuvwxyz-0123456789",
    "COUNTERSIGN_SECRETS_AUDIT_KEY": "audit-for-tests-only-zyxwvutsrqponmlkjihgfedcba-9876",
}

from countersign.server.project.settings import *  # noqa: E402, F403

# The cache of the database has connections of its own, which a test that is rolled back may not use. Real servers do.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["tests.server.cheap_hashes.CheapArgon2Hasher"]

# Recordings are judged by what is written in them: `tests.server.ceremonies.scripted`.
ENGINE_ROOM = "tests.server.ceremonies.scripted.room"
