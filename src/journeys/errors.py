"""Every error a user can meet: a stable code, what happened and where, what was found, what is allowed, what to do."""

from __future__ import annotations

from collections.abc import Sequence

_LONGEST = 2_000  # a value from a file may be megabytes long


class JourneysError(Exception):
    """Base of all errors of the product.

    Args:
        code: stable short name, in kebab case, for scripts and searches.
        what: one sentence: what failed, and in which file, table or argument.
        found: the value or rows that were found.
        allowed: what would have been accepted.
        do: the next step for the reader.
    """

    exit_code = 1

    def __init__(self, code: str, what: str, *, found: str = "", allowed: str = "", do: str = "") -> None:
        self.code = code
        self.what = what
        self.found = found
        self.allowed = allowed
        self.do = do
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [f"[{self.code}] {self.what}"]
        for label in ("found", "allowed", "do"):
            text = getattr(self, label)
            if text:
                shown = text if len(text) <= _LONGEST else text[:_LONGEST] + " ..."
                lines.append(f"  {label:<8} {shown}")
        return "\n".join(lines)


class CallError(JourneysError):
    """An argument of a call or of the command line is wrong; nothing was read or written."""

    exit_code = 2


class ConfigError(JourneysError):
    """The configuration is wrong. Holds every problem found, not only the first.

    Args:
        problems: one text per problem, each naming file, key, what was found and what is allowed.
    """

    exit_code = 2

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__("config", f"{where}: {count} problem{'s' if count != 1 else ''}")

    def __str__(self) -> str:
        return "\n".join([f"[{self.code}] {self.what}", *(f"  - {problem}" for problem in self.problems)])


class InputError(JourneysError):
    """The data handed in cannot be used at all (missing column, unreadable file, no usable row)."""


class SourceError(JourneysError):
    """A source could not be pulled (missing file, unreachable server, missing table or column)."""


class ModelError(JourneysError):
    """A SQL model broke a promise of its own header (key, not-null, check) or could not be built."""


class PublishError(JourneysError):
    """A snapshot could not be published or opened."""


class GateError(PublishError):
    """Gates of the configuration forbid to publish a finished night. Holds every reason, not only the first.

    Args:
        reasons: one sentence per verdict that blocks.
        kept: what readers see instead.
        do: the ways on.
    """

    def __init__(self, reasons: Sequence[str], *, kept: str, do: str) -> None:
        self.reasons = tuple(reasons)
        self.kept = kept
        told = "1 verdict blocks it" if len(self.reasons) == 1 else f"{len(self.reasons)} verdicts block it"
        super().__init__("gates-blocked", f"the refresh was not published: {told}", do=do)

    def __str__(self) -> str:
        lines = [f"[{self.code}] {self.what}", *(f"  - {reason}" for reason in self.reasons)]
        return "\n".join([*lines, f"  kept     {self.kept}", f"  do       {self.do}"])
