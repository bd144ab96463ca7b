"""Settings for people: what is in force, and where it came from."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import get_type_hints

from countersign.server.configuration.schema import SECTIONS, ServerConfiguration
from countersign.server.configuration.values import Secret, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingInForce:
    """One setting, as `countersign doctor` and the console show it.

    Attributes:
        name: "accounts.allow_pin".
        value: as text; a secret shows only that it is set.
        about: one sentence.
    """

    name: str
    value: str
    source: Source
    about: str


def describe(configuration: ServerConfiguration) -> tuple[SettingInForce, ...]:
    """Every setting, section by section, in the order of the schema."""
    return tuple(
        SettingInForce(
            name=f"{section}.{field.name}",
            value=_shown(getattr(getattr(configuration, section), field.name)),
            source=configuration.sources[f"{section}.{field.name}"],
            about=hints[field.name].__metadata__[0],
        )
        for section, kind in SECTIONS.items()
        for hints in [get_type_hints(kind, include_extras=True)]
        for field in dataclasses.fields(kind)
    )


def reference_table() -> list[str]:
    """Every setting as a row of a Markdown table: name, variable, default, meaning."""
    rows = ["| setting | variable | default | meaning |", "| --- | --- | --- | --- |"]
    for section, kind in SECTIONS.items():
        hints = get_type_hints(kind, include_extras=True)
        defaults = kind()
        for field in dataclasses.fields(kind):
            default = getattr(defaults, field.name)
            shown = "the user's data folder" if field.name == "data_dir" else _shown(default)
            variable = f"COUNTERSIGN_{section}_{field.name}".upper()
            about = hints[field.name].__metadata__[0]
            rows.append(f"| `{section}.{field.name}` | `{variable}` | {shown} | {about} |")
    return rows


def _shown(value: object) -> str:
    match value:
        case None:
            return "not set"
        case Secret():
            return "set"
        case bool():
            return "true" if value else "false"
        case tuple():
            return ", ".join(map(_shown, value)) or "none"
        case _:
            return str(value) or "not set"
