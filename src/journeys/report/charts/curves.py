"""Bent lines between the nodes of a graph, as points: no two of one pair lie on each other."""

from __future__ import annotations

Point = tuple[float, float]

_POINTS = 25
# Parts of a row or a column.
_GAP = 0.1
_BOW = 0.32
_LOOP = (0.2, 0.75)
_LANDING = 0.08


def curve(source: Point, target: Point, *, leads_back: bool) -> list[Point]:
    """Return the points of an arrow, from (column, row) to (column, row); rows are counted from the top.

    Forward arrows bend up, those that lead back bend down; inside a column those that go down bend to the right, those
    that go up to the left. An arrow to its own node is a loop above it. Arrows end short of the node's middle.
    """
    (x, y), (to_x, to_y) = source, target
    if source == target:
        width, height = _LOOP
        return _bezier((x - 0.03, y - 0.12), (x - width, y - height), (x + width, y - height), (x + 0.05, y - 0.2))
    if x == to_x:
        side = 1 if to_y > y else -1
        bow = side * min(0.42, 0.14 + 0.06 * abs(to_y - y))
        return _bezier((x, y), (x + bow, y + side * 0.2), (x + bow, to_y - side * 0.2), (to_x + side * 0.06, to_y))
    side = 1 if to_x > x else -1
    reach = (to_x - x) * 0.4
    # The farther, the higher: a long arrow passes over the nodes between.
    bow = (_BOW + 0.45 * (abs(to_x - x) - 1)) * (1 if leads_back else -1)
    landing = to_y + (_LANDING if leads_back else -_LANDING)
    return _bezier((x, y), (x + reach, y + bow), (to_x - reach, to_y + bow), (to_x - side * _GAP, landing))


def _bezier(start: Point, first: Point, second: Point, end: Point) -> list[Point]:
    points = []
    for place in range(_POINTS):
        t = place / (_POINTS - 1)
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        corners = (start, first, second, end)
        points.append(
            (
                round(sum(weight * corner[0] for weight, corner in zip(weights, corners, strict=True)), 4),
                round(sum(weight * corner[1] for weight, corner in zip(weights, corners, strict=True)), 4),
            )
        )
    return points
