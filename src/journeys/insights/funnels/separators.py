"""What separates converters: which properties and touchpoints go with getting through a funnel, other things alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from journeys.insights.answer import NO_VALUE, Answer
from journeys.insights.funnels.cohort import Cohort, dependence_words, read_cohort
from journeys.insights.funnels.rule import FunnelRule
from journeys.insights.funnels.traits import read_first_channel, read_traits
from journeys.insights.funnels.words import rule_words
from journeys.insights.statistics.comparisons import FALSE_DISCOVERY_RATE, benjamini_hochberg
from journeys.insights.statistics.intervals import MIN_BASE, share_of, too_few, wilson_interval
from journeys.insights.statistics.strata import compare_strata
from journeys.paths.log import EventLog
from journeys.paths.steps import Step
from journeys.warehouse import Engine, select_model

# Of a column with more values the commonest are asked about, the rest together.
MOST_VALUES = 30
_KEYS = ["kind", "name", "value"]
_COLUMNS = [*_KEYS, "entrant_count", "converted_count", "conversion_share", "conversion_share_low",
            "conversion_share_high", "other_count", "other_converted_count", "other_share", "crude_difference",
            "difference", "difference_low", "difference_high", "p_value", "q_value", "stratum_count", "verdict", "rank",
            "is_too_few"]  # fmt: skip
# What nearly all converters met after the entry is a step of the conversion, and has hardly anybody to compare with.
_ON_THE_WAY = 0.95
_AFTER = "touchpoint after entry"


@dataclass(frozen=True)
class SeparatorQuery:
    """What is asked about besides touchpoints.

    Attributes:
        columns: columns of events whose values are compared.
        columns_at: entry: as at the event that opens the counted chain; first: as at the first event of all.
    """

    columns: tuple[str, ...] = ()
    columns_at: str = "entry"


def separate_converters(
    log: EventLog, steps: Sequence[Step], rule: FunnelRule, query: SeparatorQuery, *, as_of: object = None
) -> Answer:
    """Rank what goes with completing a funnel among mature entrants of one entry month and first channel.

    Args:
        log: the log.
        steps: at least one.
        rule: how to count.
        query: which columns are asked about.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with a row per candidate: `kind` ('column', 'touchpoint before entry', 'touchpoint after entry'), `name`
        (column or touchpoint), `value` (of a column; empty for touchpoints); of the `entrant_count` mature entrants
        with it the `converted_count` and `conversion_share` with its Wilson interval, the same of those without it
        (`other_count`, `other_converted_count`, `other_share`); `crude_difference`, and within strata (Mantel and
        Haenszel) the `difference` with its interval by Sato, `p_value` (Cochran, Mantel and Haenszel), `q_value` over
        the table, over `stratum_count` strata; `verdict` ('higher', 'lower', 'no evidence', 'on the way', 'too few'),
        `rank` by the size of the difference, finds first. On the way: met after the entry by nearly all who converted;
        not tested, not ranked. `is_too_few`: fewer than 30 with or without it, or nobody alike to
        compare with; not tested, not ranked.

    Raises:
        CallError: a step or column never occurs, or a setting does not go with the steps.
    """
    with log.engine.scratch() as scratch:
        cohort = read_cohort(log, scratch, steps, rule, as_of=as_of)
        entrants = _read_entrants(scratch, cohort, rule)
        scratch.load("funnel_entrants", entrants)
        exposures = scratch.frame(
            *_ordered("funnel_exposures", {"unit": rule.unit, "as_of_us": cohort.as_of_us},
                      "moment, touchpoint, stratum")
        )  # fmt: skip
        traits = read_traits(log, scratch, query.columns, read_at=query.columns_at, rule=rule,
                             as_of_us=cohort.as_of_us)  # fmt: skip
    strata = _count(entrants, ["stratum"]).set_index("stratum").sort_index()
    tables = [_name_exposures(exposures), _name_values(traits, entrants)]
    frame = judge_candidates(pd.concat(tables, ignore_index=True), strata)
    columns = list(query.columns)
    parameters = rule.parameters(steps) | {"columns": columns, "columns_at": query.columns_at,
                                           "held_alike": ["entry month", "first channel"],
                                           "false_discovery_rate": FALSE_DISCOVERY_RATE}  # fmt: skip
    definition = log.describe(_words(rule, steps), cohort.as_of_us, parameters)
    definition |= {"label": "descriptive", "population_count": len(entrants),
                   "converted_count": int(entrants["is_converted"].sum())}  # fmt: skip
    return Answer(frame, definition)


def judge_candidates(candidates: pd.DataFrame, strata: pd.DataFrame) -> pd.DataFrame:
    """Compare those with each candidate to those without, within strata, as one family of tests.

    Args:
        candidates: `kind`, `name`, `value`, `stratum`, and of those with it `met_count`, `met_converted_count`.
        strata: by stratum the `met_count` and `met_converted_count` of all.
    """
    rows = [
        dict(zip(_KEYS, key, strict=True)) | _compare(part.set_index("stratum"), strata)
        for key, part in candidates.groupby(_KEYS, sort=True)
    ]
    frame = pd.DataFrame(rows, columns=[name for name in _COLUMNS if name not in {"q_value", "verdict", "rank"}])
    frame["conversion_share"] = share_of(frame["converted_count"], frame["entrant_count"])
    frame["conversion_share_low"], frame["conversion_share_high"] = wilson_interval(
        frame["converted_count"], frame["entrant_count"]
    )
    frame["other_share"] = share_of(frame["other_converted_count"], frame["other_count"])
    frame["is_too_few"] = (
        too_few(frame["entrant_count"]) | too_few(frame["other_count"]) | frame["p_value"].isna()
    ).astype(bool)
    most = _ON_THE_WAY * strata["met_converted_count"].sum()
    is_step = (frame["kind"] == _AFTER) & (frame["converted_count"] >= most) & (frame["converted_count"] > 0)
    is_judged = ~(frame["is_too_few"] | is_step)
    frame["p_value"] = frame["p_value"].where(is_judged).astype(float)
    frame["q_value"] = benjamini_hochberg(frame["p_value"])
    is_find = frame["q_value"] <= FALSE_DISCOVERY_RATE
    signs = np.where(frame["difference"] > 0, "higher", "lower")
    cases = [frame["is_too_few"], is_step, is_find]
    frame["verdict"] = np.select(cases, ["too few", "on the way", signs], "no evidence")
    frame["size"] = frame["difference"].abs()
    frame["place"] = np.select(cases, [3, 2, 0], 1)
    frame = frame.sort_values(["place", "size", "entrant_count", *_KEYS],
                              ascending=[True, False, False, True, True, True], ignore_index=True)  # fmt: skip
    frame["rank"] = pd.Series(np.arange(1, len(frame) + 1), frame.index, "Int64").where(frame["p_value"].notna())
    return frame[_COLUMNS]


def _compare(part: pd.DataFrame, strata: pd.DataFrame) -> dict[str, object]:
    with_it = part[["met_count", "met_converted_count"]].reindex(strata.index, fill_value=0)
    without = strata - with_it
    found = compare_strata(
        with_it["met_converted_count"], with_it["met_count"], without["met_converted_count"], without["met_count"]
    )
    return {
        "entrant_count": int(with_it["met_count"].sum()),
        "converted_count": int(with_it["met_converted_count"].sum()),
        "other_count": int(without["met_count"].sum()),
        "other_converted_count": int(without["met_converted_count"].sum()),
        "crude_difference": found.crude,
        "difference": found.difference,
        "difference_low": found.low,
        "difference_high": found.high,
        "p_value": found.p_value,
        "stratum_count": found.stratum_count,
    }


def _read_entrants(scratch: Engine, cohort: Cohort, rule: FunnelRule) -> pd.DataFrame:
    """List mature entrants: their stratum, whether they converted, and between which times they could meet things."""
    frame = cohort.frame[cohort.frame["is_mature"]]
    channels = read_first_channel(scratch, unit=rule.unit, as_of_us=cohort.as_of_us).set_index("unit_id")["channel"]
    months = cohort.entry_dates("month")[frame.index].dt.strftime("%Y-%m")
    stratum = months + " " + frame["unit_id"].map(channels).astype(object).fillna(NO_VALUE).astype(str)
    ends = (frame["start_us"] + cohort.limit_us[frame.index]).where(~frame["is_converted"], frame["completed_us"])
    kept = frame[["unit_id", "attempt_index", "is_converted", "start_us"]]
    return kept.assign(stratum=stratum, end_us=ends).reset_index(drop=True)


def _ordered(model: str, parameters: dict[str, object], by: str) -> tuple[str, dict[str, object]]:
    select, used = select_model(model, parameters)
    return f"SELECT * FROM ({select}) ORDER BY {by}", dict(used)


def _count(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    flags = rows.assign(met_count=1, met_converted_count=rows["is_converted"].astype(np.int64))
    return flags.groupby(by, sort=True)[["met_count", "met_converted_count"]].sum().reset_index()


def _name_exposures(exposures: pd.DataFrame) -> pd.DataFrame:
    kinds = "touchpoint " + exposures["moment"].astype(str) + " entry"
    return exposures.drop(columns="moment").rename(columns={"touchpoint": "name"}).assign(kind=kinds, value="")


def _name_values(traits: pd.DataFrame, entrants: pd.DataFrame) -> pd.DataFrame:
    rows = traits.merge(entrants, on=["unit_id", "attempt_index"])
    sizes = rows.groupby(["column", "value"], sort=True).size().rename("size").reset_index()
    sizes = sizes.sort_values(["column", "size", "value"], ascending=[True, False, True])
    kept = sizes.groupby("column").head(MOST_VALUES)[["column", "value"]].assign(is_kept=True)
    rows = rows.merge(kept, on=["column", "value"], how="left")
    rows["value"] = rows["value"].where(rows["is_kept"].notna(), "(other)")
    counted = _count(rows, ["column", "value", "stratum"])
    return counted.rename(columns={"column": "name"}).assign(kind="column")


def _words(rule: FunnelRule, steps: Sequence[Step]) -> str:
    return (
        f"{rule_words(rule, steps)} Among mature entrants, those with a property or touchpoint are held against those "
        "without it, within strata of entry month and first channel (Mantel and Haenszel; a stratum with only one of "
        "both tells nothing). A touchpoint after the entry was met before the conversion, else before the window's "
        "end or as_of; events that serve as steps are left out. Who converts early has less time to meet anything "
        "after the entry, so that such touchpoints look worse than they are; what 95 % of the converted met there is "
        "on the way, and not tested. Benjamini and Hochberg over the whole "
        f"table; below {MIN_BASE} with or without is too few to test. Descriptive: no cause is claimed."
        + dependence_words(rule)
    )
