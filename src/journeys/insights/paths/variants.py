"""Variants: the distinct paths, the commonest first, and how much of everything they cover."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from journeys.insights.answer import Answer
from journeys.insights.paths.rule import PathRule, check_count
from journeys.insights.statistics.intervals import add_share, too_few
from journeys.paths.log import EventLog
from journeys.warehouse import Engine, select_model

OTHER = "(other)"
COVERED_SHARES = (0.5, 0.8, 0.9, 0.95, 1.0)
_FRAME = ["path", "count", "share", "cumulative_share", "converted_count"]
_DETAILS = ["variant_index", "path", "count", "base_count", "share", "share_low", "share_high", "cumulative_share",
            "converted_count", "conversion_share", "conversion_share_low", "conversion_share_high", "dropped_count",
            "open_count", "is_too_few"]  # fmt: skip


def count_variants(log: EventLog, rule: PathRule, *, top: int | None = None) -> Answer:
    """Count the units that took each distinct path.

    Args:
        log: the log.
        rule: which paths.
        top: variants named, the commonest; the others are one row `["(other)"]`. None names all.

    Returns:
        Answer with `path` (list of names), `count`, `share` (of all entrants), `cumulative_share` and
        `converted_count`, the commonest first, equal counts by path; and the tables `intervals` (the same rows with
        base, 95 % intervals, the conversion share of each variant, dropped and open) and `coverage` (`covered_share`,
        `variant_count`: so many of the commonest variants cover that share of the entrants), and `stages` (of each
        step). The definition says how
        many variants there are, how many cover 80 %, and how many were taken once (`singleton_count`, also as
        `singleton_share` of the entrants: about the chance that the next one takes a path that nobody took before,
        after Good and Turing).

    Raises:
        CallError: a named step never occurs, the unit is unknown, or `top` is no count.
    """
    check_count("top", top, is_optional=True)
    with rule.lay(log) as (scratch, as_of_us):
        fold_paths(scratch)
        counts = scratch.frame("SELECT * FROM variant_counts ORDER BY variant_index")
        details = _name(counts, _read_paths(scratch, top), top)
        stages = scratch.frame("SELECT step_name, MIN(stage) AS stage FROM path_cut GROUP BY step_name ORDER BY 1")
    words = (
        rule.words() + "A variant is one distinct path. " + rule.end_words()
        + "share and cumulative_share are of all entrants; converted_count: those of the variant who reached the goal. "
        + ("" if top is None else f"The {top} commonest are named, the others are (other). ")
        + rule.unit_words()
    )  # fmt: skip
    definition = log.describe(words.strip(), as_of_us, {**rule.parameters(), "top": top})
    definition |= _describe_coverage(counts)
    return Answer(details[_FRAME], definition, {"intervals": details, "coverage": cover(counts), "stages": stages})


def fold_paths(scratch: Engine) -> None:
    """Write `variant_counts` from `path_steps` and `path_units`: one row per distinct path.

    Neighbours are folded into one symbol round by round until a path is one symbol. Rounds grow with the logarithm of
    the longest path, and each works on half the rows of the one before.
    """
    scratch.save("open_symbols", *select_model("path_symbols"))
    while scratch.value("SELECT MAX(place_index) FROM open_symbols"):
        scratch.save("folded_symbols", *select_model("folded_symbols"))
        scratch.run("DROP TABLE open_symbols")
        scratch.run("ALTER TABLE folded_symbols RENAME TO open_symbols")
    scratch.save("variant_counts", *select_model("variant_counts"))


def cover(counts: pd.DataFrame) -> pd.DataFrame:
    """Say how many of the commonest variants it takes to cover each of some shares of the entrants.

    Args:
        counts: `count` per variant, the commonest first.

    Returns:
        `covered_share`, `variant_count`, `variant_share` (of all variants); no rows without entrants.
    """
    summed = counts["count"].cumsum().to_numpy()
    if not len(summed):
        return pd.DataFrame({"covered_share": [], "variant_count": [], "variant_share": []})
    # Rounded up to whole entrants, past the last digit of the product of two floats.
    wanted = np.ceil(np.array(COVERED_SHARES) * summed[-1] - 1e-9)
    needed = np.searchsorted(summed, wanted) + 1
    return pd.DataFrame(
        {"covered_share": COVERED_SHARES, "variant_count": needed, "variant_share": needed / len(summed)}
    )


def _describe_coverage(counts: pd.DataFrame) -> dict[str, object]:
    entrants, once = int(counts["count"].sum()), int((counts["count"] == 1).sum())
    covered = cover(counts)
    eighty = covered.loc[covered["covered_share"] == 0.8, "variant_count"]
    return {
        "entrant_count": entrants,
        "variant_count": len(counts),
        "variants_for_80_percent": int(eighty.iloc[0]) if len(eighty) else 0,
        "singleton_count": once,
        "singleton_share": once / entrants if entrants else None,
    }


def _read_paths(scratch: Engine, top: int | None) -> list[list[str]]:
    select, parameters = select_model("variant_steps", {"top": top})
    steps = scratch.frame(f"SELECT * FROM ({select}) ORDER BY variant_index, step_index", parameters)
    names, places = steps["step_name"].tolist(), np.flatnonzero(steps["step_index"].to_numpy() == 1).tolist()
    return [names[start:end] for start, end in pairwise([*places, len(names)])]


def _name(counts: pd.DataFrame, paths: list[list[str]], top: int | None) -> pd.DataFrame:
    base = int(counts["count"].sum())
    named = counts.drop(columns="example_unit_id").head(len(paths))
    rest = counts.iloc[len(paths) :]
    if top is not None and len(rest):
        summed = {name: int(rest[name].sum()) for name in ("count", "converted_count", "dropped_count", "open_count")}
        row = {"variant_index": len(paths) + 1, **summed, "cumulative_share": 1.0}
        named = pd.concat([named, pd.DataFrame([row])], ignore_index=True)
        paths = [*paths, [OTHER]]
    named = named.assign(path=pd.Series(paths, index=named.index, dtype=object), base_count=base)
    named = add_share(add_share(named, "count", "base_count"), "converted_count", "count", "conversion_share")
    return named.assign(is_too_few=too_few(named["count"]))[_DETAILS]
