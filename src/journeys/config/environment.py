"""`${NAME}` in texts of the configuration: secrets come from the environment, never from the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from journeys.config.fields import find_nearest
from journeys.config.problems import Loc, Problems

_REFERENCE = re.compile(r"\$(\$\{)|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)\})?")


def expand_variables(value: Any, environment: Mapping[str, str], problems: Problems, *, loc: Loc = ()) -> Any:
    """Copy a document with every `${NAME}` replaced; `$${` stays a literal `${`.

    An unset variable is a problem that names the variable; its text is left as it is.
    """
    if isinstance(value, dict):
        return {key: expand_variables(each, environment, problems, loc=(*loc, key)) for key, each in value.items()}
    if isinstance(value, list):
        return [expand_variables(each, environment, problems, loc=(*loc, place)) for place, each in enumerate(value)]
    if not isinstance(value, str) or "${" not in value:
        return value
    missing: list[str] = []

    def replace(reference: re.Match[str]) -> str:
        if reference[1]:
            return "${"
        name = reference[2]
        if name is None or name not in environment:
            missing.append(name or "")
            return reference[0]
        return environment[name]

    expanded = _REFERENCE.sub(replace, value)
    for name in missing[:1]:
        if name:
            problems.add(
                loc,
                _write_unset(missing),
                allowed="variables that are set where journeys runs",
                nearest=find_nearest(name, environment),
            )
        else:
            problems.add(loc, "'${' without a variable's name", allowed="${NAME}; a literal ${ is written $${")
    return value if missing else expanded


def _write_unset(names: list[str]) -> str:
    unset = list(dict.fromkeys(filter(None, names)))
    if len(unset) == 1:
        return f"the environment variable {unset[0]} is not set"
    return f"the environment variables {', '.join(unset)} are not set"
