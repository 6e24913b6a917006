"""The functions that the compiled pass calls; numba hears of them when it compiles, for it is slow to import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])
INNER: list[Callable[..., Any]] = []


def runs_compiled(function: _Function) -> _Function:
    """Mark a function that compiled code may call; called from Python it stays as it is."""
    INNER.append(function)
    return function
