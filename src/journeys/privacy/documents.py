"""The source's whole row as JSON, rewritten: columns by their names at any depth, all other texts scrubbed.

What is not touched keeps its bytes, so that equal rows stay equal and numbers lose no digit.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from journeys.privacy.names import Names
from journeys.privacy.token import TEXT, Tokens
from journeys.schema import IdentifierKind

if TYPE_CHECKING:
    from journeys.privacy.scrub import Scrubber

_PARTS = re.compile(r'("(?:[^"\\]++|\\.)*+")(\s*:)?|([{}\[\]])|([^\s{}\[\]:,"]+)', re.DOTALL)
# An object of nothing but plain members, as most rows are, is read member by member.
_MEMBERS = re.compile(r'("(?:[^"\\]++|\\.)*+")\s*:\s*("(?:[^"\\]++|\\.)*+"|[^\s{}\[\]:,"]+)', re.DOTALL)
_NAMED = r'("(?:[^"\\]*[.])?(?:{keys})")(\s*:\s*)("[^"\\]*"|[^\s{{}}\[\]:,"]+|[{{\[])'
_MOST_KEYS = 10_000
_MAIL = re.compile(r"\s*[^@\s]+@[^@\s]+\s*")
_DEEPEST = 5  # JSON in a text in JSON ...
_FEWEST_CARD_DIGITS = 13
_LONGEST_PATH = 1_000  # of nesting without end only the innermost names are compared
_NO_JSON = "{}"


@dataclass
class _Container:
    """An object or list that is being rewritten.

    Attributes:
        bracket: the closing one.
        kind: of all values in it, when it stands under a personal name.
        is_personal: it stands under a personal name.
        is_dropped: nothing in it is kept.
        path: folded names from the outermost object to here.
    """

    bracket: str
    path: str = ""
    kind: IdentifierKind | None = None
    is_personal: bool = False
    is_dropped: bool = False
    key: str | None = None
    members: list[str] = field(default_factory=list)


class Documents:
    """Rewrites rows.

    Args:
        names: columns that are personal or dropped.
        tokens: write what stands in the place of personal values; None when nothing is personal.
        scrubber: cleans all other texts; None = they stay as they are.
    """

    def __init__(self, names: Names, tokens: Tokens | None, scrubber: Scrubber | None) -> None:
        self._names = names
        self._last_steps = names.last_steps
        self._tokens = tokens
        self._scrubber = scrubber
        is_plain = not names.dropped and not any("." in name for name in names.kinds)
        keys = "|".join(map(re.escape, sorted(names.kinds)))
        self._named = re.compile(_NAMED.format(keys=keys), re.IGNORECASE) if keys and is_plain else None
        self._keys: dict[str, tuple[bool, IdentifierKind | None, bool, str]] = {}
        self.is_pseudonymised = self.is_scrubbed = False

    def rewrite(self, text: str, *, has_texts: bool = True) -> str:
        """Return the protected text of one JSON object; sets `is_pseudonymised` and `is_scrubbed`.

        Args:
            text: valid JSON.
            has_texts: it could hold something to scrub; else only personal and dropped columns are looked for.
        """
        self.is_pseudonymised = self.is_scrubbed = False
        if has_texts or self._named is None or "\\" in text:
            return self._rewrite(text, 0)
        return self._rewrite_named(text, self._named)

    def _rewrite_named(self, text: str, named: re.Pattern[str]) -> str:
        """Replace the values of personal columns where they stand."""
        has_container = False

        def replace(match: re.Match[str]) -> str:
            nonlocal has_container
            has_container |= match[3] in ("{", "[")
            is_personal, kind, _, _ = self._read_key(match[1])
            return f"{match[1]}{match[2]}{self._write_token(match[3], kind)}" if is_personal else match[0]

        kept = named.sub(replace, text)
        if has_container:
            return self._rewrite(text, 0)
        self.is_pseudonymised = kept != text
        return kept

    def _rewrite(self, text: str, depth: int) -> str:
        if text.count("{") == 1 and "[" not in text:
            return self._rewrite_flat(text, depth)
        outermost = _Container("")
        stack = [outermost]
        is_changed = False
        for part in _PARTS.finditer(text):
            literal, colon, bracket, bare = part.groups()
            inner = stack[-1]
            if colon:
                inner.key = literal
            elif bracket in ("{", "["):
                stack.append(self._open(inner, "}" if bracket == "{" else "]"))
            elif bracket:
                is_changed |= self._close(stack)
            else:
                is_changed |= self._add_value(inner, literal or bare, depth)
        if not is_changed:
            return text
        return outermost.members[0] if len(stack) == len(outermost.members) == 1 else _NO_JSON

    def _rewrite_flat(self, text: str, depth: int) -> str:
        kept = []
        is_changed = False
        for key, literal in _MEMBERS.findall(text):
            is_personal, kind, is_dropped, written = self._read_key(key)
            if is_dropped:
                self.is_pseudonymised = is_changed = True
                continue
            if is_personal:
                value = self._write_token(literal, kind)
                self.is_pseudonymised |= value != literal
            else:
                value = self._scrub_value(literal, depth)
            is_changed |= value != literal or written != key
            self.is_scrubbed |= written != key
            kept.append(f"{written}:{value}")
        return "{" + ",".join(kept) + "}" if is_changed else text

    def _read_key(self, key: str) -> tuple[bool, IdentifierKind | None, bool, str]:
        """Say what becomes of an outermost member: personal or not, its kind, dropped or not, its key as written."""
        known = self._keys.get(key)
        if known is None:
            _, is_personal, kind, is_dropped = self._place(_Container("}", key=key))
            scrubbed = self._scrub_text(_read_text(key))
            written = key if scrubbed == _read_text(key) else _write_text(scrubbed)
            if len(self._keys) >= _MOST_KEYS:  # keys without end are values
                self._keys.clear()
            known = self._keys[key] = (is_personal, kind, is_dropped, written)
        return known

    def _open(self, outer: _Container, bracket: str) -> _Container:
        path, is_personal, kind, is_dropped = self._place(outer)
        return _Container(bracket, path, kind, is_personal, is_dropped)

    def _close(self, stack: list[_Container]) -> bool:
        if len(stack) == 1:  # more brackets than were opened: no JSON
            return False
        done = stack.pop()
        start = "{" if done.bracket == "}" else "["
        return self._add(stack[-1], start + ",".join(done.members) + done.bracket, is_dropped=done.is_dropped)

    def _add_value(self, outer: _Container, literal: str, depth: int) -> bool:
        _, is_personal, kind, is_dropped = self._place(outer)
        if is_dropped:
            kept = literal
        elif is_personal:
            kept = self._write_token(literal, kind)
            self.is_pseudonymised |= kept != literal
        else:
            kept = self._scrub_value(literal, depth)
        return self._add(outer, kept, is_dropped=is_dropped) or kept != literal

    def _add(self, outer: _Container, value: str, *, is_dropped: bool) -> bool:
        key, outer.key = outer.key, None
        if is_dropped and not outer.is_dropped:
            self.is_pseudonymised = True
            return True
        if key is None:
            outer.members.append(value)
            return False
        written = self._scrub_key(key)
        outer.members.append(f"{written}:{value}")
        return written != key

    def _place(self, outer: _Container) -> tuple[str, bool, IdentifierKind | None, bool]:
        """Say what becomes of the value under the container's key: its path, personal or not, kind, dropped or not."""
        if outer.key is None or outer.is_dropped:
            return outer.path, outer.is_personal, outer.kind, outer.is_dropped
        name = _read_text(outer.key).casefold()
        path = f"{outer.path}.{name}"[-_LONGEST_PATH:]
        if name not in self._last_steps and not self._ends_in_steps(name):
            return path, outer.is_personal, outer.kind, False
        found = next((known for known in self._names.kinds if _is_at(path, known)), None)
        is_dropped = any(_is_at(path, known) for known in self._names.dropped)
        if found is None:
            return path, outer.is_personal, outer.kind, is_dropped
        return path, True, self._names.kinds[found], is_dropped

    def _ends_in_steps(self, name: str) -> bool:
        return "." in name and name.rpartition(".")[2] in self._last_steps

    def _write_token(self, literal: str, kind: IdentifierKind | None) -> str:
        if literal in ("true", "false", "null", '""') or self._tokens is None:
            return literal
        value = _read_text(literal) if literal.startswith('"') else literal
        if not value.strip():
            return literal
        if kind is None:
            kind = self._tokens.email if _MAIL.fullmatch(value) else TEXT
        token = self._tokens.protect(kind, value)
        return literal if token == value else _write_text(token)

    def _scrub_value(self, literal: str, depth: int) -> str:
        if not literal.startswith('"'):
            is_number = len(literal) >= _FEWEST_CARD_DIGITS and literal.isdecimal() and self._scrubber is not None
            return self._count(literal, self._scrub_text(literal)) if is_number else literal
        value = _read_text(literal)
        if value[:1] in ("{", "[") and depth < _DEEPEST and _is_json(value):
            inner = self._rewrite(value, depth + 1)
        else:
            inner = self._scrub_text(value)
            self.is_scrubbed |= inner != value
        return literal if inner == value else _write_text(inner)

    def _scrub_key(self, key: str) -> str:
        text = _read_text(key)
        return self._count(key, _write_text(scrubbed) if (scrubbed := self._scrub_text(text)) != text else key)

    def _scrub_text(self, text: str) -> str:
        return text if self._scrubber is None else self._scrubber.scrub(text)

    def _count(self, literal: str, scrubbed: str) -> str:
        if scrubbed == literal:
            return literal
        self.is_scrubbed = True
        return scrubbed if scrubbed.startswith('"') else _write_text(scrubbed)


def _is_at(path: str, known: str) -> bool:
    return path.endswith("." + known)


def _read_text(literal: str) -> str:
    return str(json.loads(literal, strict=False)) if "\\" in literal else literal[1:-1]


def _write_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).encode("utf-8", "replace").decode()


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
