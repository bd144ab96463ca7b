"""Environment and TOML to one `ServerConfiguration`."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import cast, get_type_hints

from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.server.configuration.generated import generate_missing_secrets
from countersign.server.configuration.safety import refusals
from countersign.server.configuration.schema import (
    SECTIONS,
    Accounts,
    EngineSettings,
    Mail,
    Metrics,
    OpenIDConnect,
    Policy,
    Secrets,
    Server,
    ServerConfiguration,
    Storage,
    Vault,
)
from countersign.server.configuration.values import Secret, Source, SourceKind, parse

PREFIX = "COUNTERSIGN_"
CONFIG_VARIABLE = "COUNTERSIGN_CONFIG"


def load(environment: Mapping[str, str] | None = None, config: Path | None = None) -> ServerConfiguration:
    """The settings in force.

    Args:
        environment: variables; those of the process by default.
        config: TOML file; by default the one that ``COUNTERSIGN_CONFIG`` names, or none.

    Raises:
        ConfigurationError: a setting is unknown, malformed or unsafe. The message names every one of them.
    """
    environment = os.environ if environment is None else environment
    if config is None and environment.get(CONFIG_VARIABLE):
        config = Path(environment[CONFIG_VARIABLE])
    reader = _Reader(environment, config)
    sections = {name: reader.section(name) for name in SECTIONS}
    reader.refuse_unknown()
    _raise(reader.problems)
    configuration = ServerConfiguration(
        server=cast("Server", sections["server"]),
        storage=cast("Storage", sections["storage"]),
        vault=cast("Vault", sections["vault"]),
        secrets=cast("Secrets", sections["secrets"]),
        accounts=cast("Accounts", sections["accounts"]),
        policy=cast("Policy", sections["policy"]),
        engine=cast("EngineSettings", sections["engine"]),
        mail=cast("Mail", sections["mail"]),
        openid_connect=cast("OpenIDConnect", sections["openid_connect"]),
        metrics=cast("Metrics", sections["metrics"]),
        sources=MappingProxyType(reader.sources),
    )
    configuration = generate_missing_secrets(configuration)
    _raise(refusals(configuration))
    return configuration


def _raise(problems: list[str]) -> None:
    if problems:
        raise ConfigurationError(ErrorCode.CONFIGURATION_INVALID, "; ".join(problems))


class _Reader:
    """Reads section by section, and collects what is wrong instead of stopping at the first."""

    def __init__(self, environment: Mapping[str, str], config: Path | None) -> None:
        self.environment = environment
        self.config = config
        self.problems: list[str] = []
        self.sources: dict[str, Source] = {}
        self.file = self._read_file() if config else {}
        self._known_variables: set[str] = set()

    def section(self, name: str) -> object:
        """One section's dataclass, with defaults for what is malformed."""
        kind = SECTIONS[name]
        hints = get_type_hints(kind)
        table = self.file.get(name, {})
        if not isinstance(table, Mapping):
            self.problems.append(f"[{name}] is not a table")
            table = {}
        known = {field.name for field in dataclasses.fields(kind)}
        secret = {field for field in known if hints[field] == (Secret | None)}
        for key in sorted(set(table) - known - {f"{field}_file" for field in secret}):
            self.problems.append(f"there is no setting {name}.{key}")
        values = {}
        for field in sorted(known):
            given = self._given(name, field, table, may_be_file=field in secret)
            if given is None:
                self.sources[f"{name}.{field}"] = Source(kind=SourceKind.DEFAULT)
                continue
            raw, source = given
            try:
                values[field] = parse(raw, hints[field])
            except ValueError as error:
                self.problems.append(f"{name}.{field} ({source}): {error}")
            self.sources[f"{name}.{field}"] = source
        return kind(**values)  # type: ignore[arg-type]  # each value was parsed to its field's own type

    def refuse_unknown(self) -> None:
        """A mistyped name must not pass for its default."""
        for section in sorted(set(self.file) - set(SECTIONS)):
            self.problems.append(f"there is no section [{section}]")
        ours = tuple(f"{PREFIX}{section.upper()}_" for section in SECTIONS)
        for variable in sorted(self.environment):
            if variable.startswith(ours) and variable not in self._known_variables:
                self.problems.append(f"there is no setting {variable}")

    def _given(
        self, section: str, field: str, table: Mapping[str, object], *, may_be_file: bool
    ) -> tuple[object, Source] | None:
        variable = f"{PREFIX}{section}_{field}".upper()
        self._known_variables |= {variable, f"{variable}_FILE"} if may_be_file else {variable}
        if variable in self.environment:
            return self.environment[variable], Source(kind=SourceKind.ENVIRONMENT, where=variable)
        if may_be_file and f"{variable}_FILE" in self.environment:
            return self._from_file(self.environment[f"{variable}_FILE"], section, field)
        if field in table:
            return table[field], Source(kind=SourceKind.FILE, where=str(self.config))
        if may_be_file and f"{field}_file" in table:
            return self._from_file(str(table[f"{field}_file"]), section, field)
        return None

    def _from_file(self, path: str, section: str, field: str) -> tuple[object, Source] | None:
        try:
            text = Path(path).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"{section}.{field}: {path} cannot be read ({type(error).__name__})")
            return None
        return text, Source(kind=SourceKind.FILE, where=path)

    def _read_file(self) -> dict[str, object]:
        assert self.config is not None  # noqa: S101 - called only with one
        try:
            return tomllib.loads(self.config.read_text(encoding="utf-8"))
        except OSError as error:
            self.problems.append(f"{self.config} cannot be read ({type(error).__name__})")
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            self.problems.append(f"{self.config} is not TOML: {error}")
        return {}
