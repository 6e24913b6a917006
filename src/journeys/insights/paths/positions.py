"""Walks around an anchor, counted position by position so that every node is balanced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from journeys.insights.paths.streams import Streams
from journeys.insights.statistics.intervals import share_of, wilson_interval

# Names beside the steps', in the order of their codes behind the steps' codes.
_ADDED = ("(other)", "(start)", "(more)", "(converted)", "(end)", "(dropped)", "(open)")
_OTHER, _START, _MORE = range(3)
_LINK_COLUMNS = ["position", "from_step", "to_step", "count", "share", "share_low", "share_high"]


@dataclass(frozen=True)
class Walks:
    """Paths through streams, as places of contacts.

    Attributes:
        anchors: place of each path's anchor.
        begins: place of its first contact.
        stops: place of its last contact.
        outcomes: where it goes from there.
        is_backward: what comes before the anchor is shown.
        is_forward: what comes after the anchor is shown.
        is_single: no two paths are of one unit.
    """

    anchors: np.ndarray
    begins: np.ndarray
    stops: np.ndarray
    outcomes: np.ndarray
    is_backward: bool
    is_forward: bool
    is_single: bool


def count_walks(
    streams: Streams, walks: Walks, *, depth: int, top: int | None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Count links, what becomes of each position's paths, and nodes.

    Args:
        streams: the contacts.
        walks: the paths.
        depth: positions shown on each side that is shown.
        top: steps named per position; none names all.

    Returns:
        The links, the balance and the nodes, as promised by `explore_paths`.
    """
    low, high = -depth if walks.is_backward else 0, depth if walks.is_forward else 0
    table = _Table(streams, walks, low, high, top)
    positions = [position for position in range(low, high + 1) if table.is_there(position).any()]
    links = [part for position in positions for part in table.links(position)]
    frame = _name(table, links, ["position", "from_code", "to_code"])
    frame = frame.sort_values(["position", "count", "from_step", "to_step"], ascending=[True, False, True, True])
    nodes = _name(table, [table.nodes(position) for position in positions], ["position", "code"])
    nodes = nodes.sort_values(["position", "count", "step"], ascending=[True, False, True])
    balance = pd.DataFrame([table.balance(position) for position in positions], columns=_Table.BALANCE, dtype="int64")
    return frame[_LINK_COLUMNS].reset_index(drop=True), balance, nodes.reset_index(drop=True)


class _Table:
    """The walks as a table: one row per path, one column per position."""

    BALANCE = ("position", "path_count", "started_count", "came_count", "continued_count", "converted_count",
               "dropped_count", "open_count")  # fmt: skip

    def __init__(self, streams: Streams, walks: Walks, low: int, high: int, top: int | None) -> None:
        self._streams, self._walks, self._low, self._high = streams, walks, low, high
        self.names = np.append(streams.names, np.asarray(_ADDED, dtype=object))
        self._added = len(streams.names)
        added = {name: self._added + place for place, name in enumerate(_ADDED)}
        self._outcomes = np.array([added[each] for each in walks.outcomes], dtype=np.int64)
        self._shown = {position: self._show(position, top) for position in range(low, high + 1)}

    def is_there(self, position: int) -> np.ndarray:
        """Say for each path whether it has this position."""
        places = self._walks.anchors + position
        return np.asarray((places >= self._walks.begins) & (places <= self._walks.stops))

    def links(self, position: int) -> list[pd.DataFrame]:
        """Count the links out of a position, and those into it that come from no other position."""
        is_there = self.is_there(position)
        places = self._walks.anchors + position
        onward = self._shown.get(position + 1, np.full(len(places), self._added + _MORE))
        target = np.where(places == self._walks.stops, self._outcomes, onward)
        found = [self._count(position, is_there, self._shown[position], target)]
        if self._walks.is_backward and position <= 0:
            is_first = places == self._walks.begins
            source = np.where(is_first, self._added + _START, self._added + _MORE)
            is_new = is_there & (is_first | (position == self._low))
            found.append(self._count(position - 1, is_new, source, self._shown[position]))
        return found

    def nodes(self, position: int) -> pd.DataFrame:
        """Count the paths and units at each step of a position."""
        is_there = self.is_there(position)
        found = self._shown[position][is_there]
        units = self._streams.units[self._walks.anchors[is_there]]
        pairs = np.unique(found * (self._streams.unit_count + 1) + units) // (self._streams.unit_count + 1)
        codes, counts = np.unique(found, return_counts=True)
        unit_counts = np.unique(pairs, return_counts=True)[1]
        return pd.DataFrame({"position": position, "code": codes, "count": counts, "unit_count": unit_counts})

    def balance(self, position: int) -> tuple[int, ...]:
        """Say where the paths at a position came from and where they went."""
        is_there = self.is_there(position)
        places = self._walks.anchors + position
        started = int((is_there & (places == self._walks.begins)).sum())
        ended = self.names[self._outcomes[is_there & (places == self._walks.stops)]]
        ends = [int((ended == name).sum()) for name in ("(converted)", "(dropped)", "(open)")]
        total = int(is_there.sum())
        return position, total, started, total - started, total - sum(ends), *ends

    def add_shares(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Add the share of all paths, with its interval where paths are independent of each other."""
        base = pd.Series(len(self._walks.anchors), index=frame.index)
        low, high = wilson_interval(frame["count"], base)
        is_single = self._walks.is_single
        return frame.assign(
            share=share_of(frame["count"], base),
            share_low=low if is_single else np.nan,
            share_high=high if is_single else np.nan,
        )

    def _show(self, position: int, top: int | None) -> np.ndarray:
        """Return the shown code of each path at a position; what stands for paths that lack it means nothing."""
        places = np.clip(self._walks.anchors + position, 0, max(0, len(self._streams.steps) - 1))
        codes = self._streams.steps[places] if len(places) else np.zeros(0, dtype=np.int64)
        if top is None:
            return codes
        counts = np.bincount(codes[self.is_there(position)], minlength=self._added)
        # Codes are in the order of names, so that equal counts fall by name.
        kept = np.lexsort((np.arange(len(counts)), -counts))[:top]
        return np.where(np.isin(codes, kept), codes, self._added + _OTHER)

    def _count(self, position: int, is_counted: np.ndarray, source: np.ndarray, target: np.ndarray) -> pd.DataFrame:
        pairs, counts = np.unique(source[is_counted] * len(self.names) + target[is_counted], return_counts=True)
        return pd.DataFrame(
            {"position": position, "from_code": pairs // len(self.names), "to_code": pairs % len(self.names),
             "count": counts}
        )  # fmt: skip


def _name(table: _Table, parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Put counted parts together, with names for their codes, and shares."""
    more = ["unit_count"] if "code" in columns else []
    frame = pd.concat(parts) if parts else pd.DataFrame(columns=[*columns, "count", *more], dtype="int64")
    for code in [column for column in columns if column.endswith("code")]:
        name = code.removesuffix("code").replace("_", "_step") or "step"
        frame[name] = pd.Series(table.names[frame[code].to_numpy(dtype=np.int64)], index=frame.index, dtype="str")
    frame = table.add_shares(frame.reset_index(drop=True))
    return frame[["position", "step", "count", "unit_count", "share", "share_low", "share_high"]] if more else frame
