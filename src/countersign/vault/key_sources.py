"""Where key-encryption keys come from: a file, the environment, or a key management service."""

from __future__ import annotations

import os
import pkgutil
import stat
import tempfile
import threading
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from filelock import FileLock

from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.core.ports import KeyEncryptionKey
from countersign.vault.keys import KeyRing, LocalKey

KEY_FILE = "COUNTERSIGN_KEY_FILE"
KEYS = "COUNTERSIGN_KEYS"
KMS = "COUNTERSIGN_KMS"
"""Names of environment variables; `key_ring` says what each holds."""

_MAX_FILE_BYTES = 65_536
_HEADING = "# Key-encryption keys of Countersign, the present one first. Who has them can read every reference.\n"


class KeyFile:
    """A file of keys, one on a line, the present one first; what follows a # is a comment.

    It must belong to the user of the process or to root, and be closed to everybody else (mode 0600 or stricter). It is
    changed by putting a whole new file in its place.

    Attributes:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, ...] | None = None
        self._keys: tuple[LocalKey, ...] = ()

    def read(self) -> tuple[LocalKey, ...]:
        """The keys. The file is read again only when it is another than at the last call.

        Raises:
            ConfigurationError: CONFIGURATION_INVALID when it is missing, open to others, or malformed.
        """
        with self._lock:
            try:
                info = self.path.stat()
                seen = (info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)
                if seen != self._seen:
                    self._keys, self._seen = _parse(self._text()), seen
            except OSError as error:
                raise _invalid(f"the key file could not be read: {error.strerror}") from None
            return self._keys

    def create(self, made: date) -> LocalKey:
        """Make the file with one new key. Folders are made as well.

        Raises:
            ConfigurationError: CONFIGURATION_INVALID when there is such a file already.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = LocalKey.generate()
        with self._alone():
            if self.path.exists():
                raise _invalid("there is a key file of that name already; it is not overwritten")
            self._replace(f"{_HEADING}{key.token}  # made {made.isoformat()}\n")
        return key

    def add(self, made: date) -> LocalKey:
        """Put a new key before all others: from now on it wraps what is written."""
        key = LocalKey.generate()
        with self._alone():
            self.read()
            rest = self._text().removeprefix(_HEADING)
            self._replace(f"{_HEADING}{key.token}  # made {made.isoformat()}\n{rest}")
        return key

    def remove(self, key_id: str) -> None:
        """Take an old key out. What it wraps can never be read again.

        Raises:
            ConfigurationError: CONFIGURATION_INVALID when it is the present key, or none of the file.
        """
        with self._alone():
            keys = self.read()
            if key_id == keys[0].key_id:
                raise _invalid("the present key is not removed; rotate first")
            gone = [key for key in keys if key.key_id == key_id]
            if not gone:
                raise _invalid("the key file has no key of that id")
            lines = self._text().splitlines(keepends=True)
            self._replace("".join(line for line in lines if gone[0].token not in line))

    def _alone(self) -> FileLock:
        return FileLock(self.path.with_name(self.path.name + ".lock"), mode=0o600)

    def _text(self) -> str:
        with self.path.open("rb") as file:
            info = os.fstat(file.fileno())
            if not stat.S_ISREG(info.st_mode) or info.st_uid not in {os.geteuid(), 0} or info.st_mode & 0o077:
                raise _invalid("the key file must be a file of this user that nobody else may read: chmod 600")
            data = file.read(_MAX_FILE_BYTES + 1)
        if len(data) > _MAX_FILE_BYTES or not data.isascii():
            raise _invalid("the key file is not a file of keys")
        return data.decode()

    def _replace(self, text: str) -> None:
        with tempfile.NamedTemporaryFile(
            "w", dir=self.path.parent, prefix=f".{self.path.name}.", delete=False
        ) as part:  # made with mode 0600
            try:
                part.write(text)
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).replace(self.path)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def key_ring(environment: Mapping[str, str]) -> KeyRing:
    """The ring that the environment asks for, by exactly one of these variables.

    - COUNTERSIGN_KEY_FILE: path of a `KeyFile`.
    - COUNTERSIGN_KEYS: keys as `LocalKey.token` writes them, separated by white space, the present one first.
    - COUNTERSIGN_KMS: `package.module:name` of a function without parameters that returns a sequence of
      `KeyEncryptionKey`, the present one first.

    Raises:
        ConfigurationError: CONFIGURATION_INVALID.
    """
    asked = [name for name in (KEY_FILE, KEYS, KMS) if environment.get(name)]
    if len(asked) != 1:
        raise _invalid(f"set exactly one of {KEY_FILE}, {KEYS} and {KMS}; set: {', '.join(asked) or 'none'}")
    value = environment[asked[0]]
    if asked[0] == KEY_FILE:
        file = KeyFile(Path(value))
        file.read()
        return KeyRing(file.read)
    keys = _parse("\n".join(value.split())) if asked[0] == KEYS else _from_service(value)
    return KeyRing.of(*keys)


def _parse(text: str) -> tuple[LocalKey, ...]:
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    keys = tuple(LocalKey.from_token(line) for line in lines if line)
    if not keys:
        raise _invalid("there is no key-encryption key")
    if len({key.key_id for key in keys}) != len(keys):
        raise _invalid("a key-encryption key is given twice")
    return keys


def _from_service(name: str) -> Sequence[KeyEncryptionKey]:
    try:
        factory = pkgutil.resolve_name(name)
        keys: tuple[KeyEncryptionKey, ...] = tuple(factory())
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise _invalid(f"{KMS} does not name a function that returns keys: {type(error).__name__}") from error
    if not keys:
        raise _invalid(f"{KMS} gave no key")
    return keys


def _invalid(message: str) -> ConfigurationError:
    return ConfigurationError(ErrorCode.CONFIGURATION_INVALID, message)
