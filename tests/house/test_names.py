"""Every public name says what it is, and the versions and markers that are written down agree."""

from __future__ import annotations

import ast
import importlib.metadata
import inspect
import re
import tomllib
from pathlib import Path

import journeys

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_names_of_the_package_are_documented() -> None:
    assert journeys.__all__
    for name in journeys.__all__:
        value = getattr(journeys, name)
        if inspect.isroutine(value) or inspect.isclass(value) or inspect.ismodule(value):
            assert inspect.getdoc(value), f"journeys.{name} has no docstring"


def test_public_modules_functions_and_classes_are_documented() -> None:
    silent = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
        if not ast.get_docstring(tree):
            silent.append(f"{path.relative_to(ROOT)}: the module")
        silent += [
            f"{path.relative_to(ROOT)}:{node.lineno}: {node.name}"
            for node in named
            if not node.name.startswith("_") and not ast.get_docstring(node)
        ]
    assert silent == []


def test_installed_version_is_the_written_one() -> None:
    assert importlib.metadata.version("journeys") == journeys.__version__


def test_every_dependency_is_in_the_tested_set() -> None:
    pinned = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, _, version = line.partition("==")
            assert re.fullmatch(r"[0-9][0-9a-z.]*", version), f"constraints.txt: {line!r} is not 'name==version'"
            pinned[re.sub(r"[-_.]+", "-", name).lower()] = version
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["dev"]]
    names = [re.split(r"[<>=!~\[; ]", text, maxsplit=1)[0].lower() for text in wanted]
    assert [name for name in names if re.sub(r"[-_.]+", "-", name) not in pinned] == []
