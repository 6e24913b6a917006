"""Read `journeys.toml`: text, `${NAME}`, every check, and one error with all that is wrong."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from journeys.config.alert import Alert, Mail
from journeys.config.calendar import Calendar
from journeys.config.check_identity import check_identity, list_kinds
from journeys.config.check_privacy import check_privacy, check_protected
from journeys.config.check_retention import check_retention
from journeys.config.checks import check_document
from journeys.config.environment import expand_variables
from journeys.config.fields import place_database, place_path
from journeys.config.gates import Gates
from journeys.config.identity import Bots, Identity, KindSettings, Override, merge_kinds
from journeys.config.preset import expand_presets
from journeys.config.privacy import Consent, Privacy
from journeys.config.problems import Loc, Problems, mask_secrets
from journeys.config.rest import complete_request
from journeys.config.retention import Retention
from journeys.config.rules import ChannelRule, ChannelSettings, FunnelSettings, Goal, Stage, TouchpointRule
from journeys.config.settings import Journey, Project, ReportSettings, Session, Settings, Warehouse
from journeys.config.source import Source
from journeys.config.warn import find_warnings
from journeys.errors import ConfigError

_TABLES: dict[str, type[BaseModel]] = {
    "project": Project,
    "warehouse": Warehouse,
    "identity": Identity,
    "privacy": Privacy,
    "retention": Retention,
    "bots": Bots,
    "session": Session,
    "journey": Journey,
    "channels": ChannelSettings,
    "calendar": Calendar,
    "gates": Gates,
    "report": ReportSettings,
    "alert": Alert,
}
_LISTS: dict[str, tuple[str, type[BaseModel]]] = {
    "source": ("sources", Source),
    "stage": ("stages", Stage),
    "touchpoint": ("touchpoints", TouchpointRule),
    "goal": ("goals", Goal),
    "funnel": ("funnels", FunnelSettings),
}
SECTIONS = ("project", "warehouse", "source", "identity", "privacy", "retention", "bots", "session", "journey",
            "stage", "touchpoint", "channels", "goal", "funnel", "calendar", "gates", "report", "alert")  # fmt: skip
_ModelT = TypeVar("_ModelT", bound=BaseModel)


def load_settings(path: str | Path) -> Settings:
    """Read, expand and check a configuration file.

    Args:
        path: the TOML file; relative paths inside it start at its folder.

    Returns:
        Settings: frozen, with defaults filled in.

    Raises:
        ConfigError: the file cannot be read, or anything in it is wrong; holds every problem.
    """
    document = _read_document(path)
    return build_settings(document, path, environment=os.environ)


def build_settings(document: Mapping[str, Any], path: str | Path, *, environment: Mapping[str, str]) -> Settings:
    """Check a parsed configuration and make the settings from it.

    Args:
        document: content of the file as `tomllib` gives it.
        path: the file it came from, for error texts and relative paths.
        environment: values of `${NAME}`.

    Raises:
        ConfigError: anything in it is wrong; holds every problem.
    """
    try:
        return _Build(document, path, environment).run()
    except RecursionError:
        raise ConfigError(
            str(path), [f"{path}: tables or lists nested too deeply; allowed: the sections {', '.join(SECTIONS)}"]
        ) from None


def load_alert(path: str | Path) -> Alert:
    """Read only whom to tell of a failure, from a file that may be wrong elsewhere.

    Raises:
        ConfigError: the file cannot be read, or `[alert]` is wrong.
    """
    document = {"alert": _read_document(path).get("alert", {})}
    build = _Build(document, path, os.environ)
    alert = build.read_alert(build.document["alert"])
    texts = build.problems.texts(SECTIONS)
    if texts or alert is None:
        raise ConfigError(str(path), texts)
    return alert


def _read_document(path: str | Path) -> dict[str, Any]:
    def refuse(what: str) -> ConfigError:
        return ConfigError(str(path), [f"{path}: {what}"])

    try:
        raw = Path(path).read_bytes()
    except FileNotFoundError:
        raise refuse("file not found; write one with `journeys init`, or name another with -c") from None
    except IsADirectoryError:
        raise refuse(f"is a folder; allowed: a TOML file; did you mean '{Path(path) / 'journeys.toml'}'?") from None
    except (OSError, ValueError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a path"
        raise refuse(f"cannot be read ({reason}); allowed: a readable TOML file") from None
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise refuse(
            f"line {line}: not UTF-8; found byte 0x{raw[error.start]:02x}; allowed: a text file saved as UTF-8"
        ) from None
    except (ValueError, RecursionError) as error:
        raise refuse(_explain_syntax(error)) from None


def _explain_syntax(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "tables or lists nested too deeply"
    place = re.fullmatch(r"(.*?) \(at line (\d+), column (\d+)\)", str(error), re.DOTALL)
    if place:
        return f"line {place[2]}, column {place[3]}: not valid TOML: {place[1]}"
    return f"not valid TOML: {error}"


class _Build:
    """One pass over one document."""

    def __init__(self, document: Mapping[str, Any], path: str | Path, environment: Mapping[str, str]) -> None:
        self.path = Path(path).absolute()
        self.given = document
        self.problems = Problems(str(path), document)
        self.written = expand_presets(document, self.problems, environment=environment)
        self.preset_texts = self.problems.texts(SECTIONS)
        self.problems = Problems(str(path), self.written)
        self.document = expand_variables(self.written, environment, self.problems)

    def run(self) -> Settings:
        if self.preset_texts:
            raise ConfigError(self.problems.file, self.preset_texts)
        check_document(self.document, self.problems)
        for key in self.document:
            if key not in SECTIONS:
                self.problems.add_unknown_key((key,), SECTIONS, home=_find_home(key))
        parts: dict[str, Any] = {}
        for key, model in _TABLES.items():
            table = self.document.get(key, {})
            own = {
                "channels": self._read_channels,
                "identity": self._read_identity,
                "privacy": self._read_privacy,
                "alert": self.read_alert,
            }
            parts[key] = own[key](table) if key in own else self._read(model, (key,), table)
        for key, (name, model) in _LISTS.items():
            if key in self.document:
                parts[name] = self._read_list(model, (key,), self.document[key])
        self._check_protected(parts)
        check_retention(parts, self.problems)
        texts = self.problems.texts(SECTIONS)
        if texts:
            raise ConfigError(self.problems.file, texts)
        return self._assemble(parts)

    def _assemble(self, parts: dict[str, Any]) -> Settings:
        project, folder = parts["project"], self.path.parent
        parts["sources"] = tuple(
            self._complete_source(place, source, project.timezone) for place, source in enumerate(parts["sources"])
        )
        parts["touchpoints"] = tuple(
            rule.model_copy(update={"index": place, "is_suggested": "touchpoint" not in self.given})
            for place, rule in enumerate(parts.get("touchpoints", ()), start=1)
        )
        if not parts["journey"].goal:
            parts["journey"] = parts["journey"].model_copy(update={"goal": parts["goals"][0].name})
        if not parts.get("stages"):
            parts.pop("stages", None)
        settings = Settings(path=self.path, folder=folder, **parts)
        return settings.model_copy(update={"warnings": find_warnings(settings, self.written)})

    def _complete_source(self, place: int, source: Source, timezone: str) -> Source:
        table, expanded = self.written["source"][place], self.document["source"][place]
        written = {
            key: mask_secrets(text) for key, text in table.items() if isinstance(text, str) and text != expanded[key]
        }
        update: dict[str, Any] = {"index": place + 1, "timezone": source.timezone or timezone}
        if source.path and source.path.startswith("~"):
            written.setdefault("path", table["path"])
            update["path"] = str(place_path(source.path, self.path.parent))
        if source.url:
            written["url"] = mask_secrets(table["url"])
            update["url"] = place_database(source.url, self.path.parent)
        if source.request:
            written["request"], update["request"] = complete_request(source.request, table.get("request", {}))
        return source.model_copy(update={**update, "written": tuple(sorted(written.items()))})

    def _read(self, model: type[_ModelT], loc: Loc, table: object) -> _ModelT | None:
        if not isinstance(table, dict):
            head = "[[{}]]" if isinstance(loc[-1], int) else "[{}]"
            header = head.format(".".join(part for part in loc if isinstance(part, str)))
            self.problems.add(loc, "must be a table", allowed=f"a section {header}")
            return None
        valid = _list_keys(model)
        for key in table:
            if key not in valid:
                self.problems.add_unknown_key((*loc, key), valid, home=_find_home(str(key)))
        try:
            return model.model_validate(
                {key: table[key] for key in table if key in valid}, context={"folder": self.path.parent}
            )
        except ValidationError as error:
            self.problems.add_invalid(loc, model, error)
            return None

    def _read_list(self, model: type[_ModelT], loc: Loc, items: object) -> tuple[_ModelT | None, ...]:
        if not isinstance(items, list):
            allowed = f"[[{'.'.join(map(str, loc))}]] in double brackets"
            self.problems.add(loc, "must be a list of tables", allowed=allowed)
            return ()
        return tuple(self._read(model, (*loc, place), item) for place, item in enumerate(items))

    def _read_identity(self, table: object) -> Identity | None:
        if not isinstance(table, dict):
            return self._read(Identity, ("identity",), table)
        changes = table.get("kinds", {})
        if not isinstance(changes, dict):
            self.problems.add(("identity", "kinds"), "must be a table",
                              allowed="a section [identity.kinds.NAME] for each kind")  # fmt: skip
            changes = {}
        read = {name: self._read(KindSettings, ("identity", "kinds", name), each) for name, each in changes.items()}
        kinds = merge_kinds({name: change for name, change in read.items() if change is not None})
        overrides = self._read_list(Override, ("identity", "override"), table.get("override", []))
        complete = tuple(
            override.model_copy(update={"index": place})
            for place, override in enumerate(overrides, start=1)
            if override is not None
        )
        identity = self._read(Identity, ("identity",), {**table, "kinds": kinds, "override": complete})
        check_identity(table, identity or Identity(kinds=kinds, overrides=complete), self.problems)
        return identity

    def read_alert(self, table: object) -> Alert | None:
        """Read `[alert]`, whose mail server is a table of its own."""
        if isinstance(table, dict) and "mail" in table:
            table = {**table, "mail": self._read(Mail, ("alert", "mail"), table["mail"])}
        return self._read(Alert, ("alert",), table)

    def _read_privacy(self, table: object) -> Privacy | None:
        if not isinstance(table, dict):
            return self._read(Privacy, ("privacy",), table)
        check_privacy(self.document, list_kinds(self.document), self.problems)
        consent = self._read(Consent, ("privacy", "consent"), table["consent"]) if "consent" in table else None
        return self._read(Privacy, ("privacy",), {**table, "consent": consent})

    def _check_protected(self, parts: Mapping[str, Any]) -> None:
        if parts["privacy"] is not None and None not in parts.get("sources", ()):
            check_protected(parts.get("sources", ()), parts["privacy"], self.problems)

    def _read_channels(self, table: object) -> ChannelSettings | None:
        if not isinstance(table, dict):
            return self._read(ChannelSettings, ("channels",), table)
        rules = self._read_list(ChannelRule, ("channels", "rule"), table.get("rule", []))
        complete = tuple(rule for rule in rules if rule is not None)
        return self._read(ChannelSettings, ("channels",), {**table, "rule": complete})


def _list_keys(model: type[BaseModel]) -> list[str]:
    """List the keys that may be written for a model: all but those the loader fills in."""
    return [
        str(info.validation_alias or name) for name, info in model.model_fields.items() if not info.json_schema_extra
    ]


def _find_home(key: str) -> str:
    """Name the section that knows a key which stands in the wrong one; '' when none or several do."""
    homes = [f"[{name}]" for name, model in _TABLES.items() if key in _list_keys(model)]
    homes += [f"[[{name}]]" for name, (_, model) in _LISTS.items() if key in _list_keys(model)]
    return homes[0] if len(homes) == 1 else ""
