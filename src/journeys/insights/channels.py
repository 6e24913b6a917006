"""Where sessions come from: their channels, and the rule that decided each."""

from __future__ import annotations

import pandas as pd

from journeys.config import ChannelSettings
from journeys.insights.answer import NO_VALUE, Answer
from journeys.insights.statistics.intervals import share_of, wilson_interval
from journeys.paths.log import EventLog
from journeys.sources import classify_channels
from journeys.warehouse import select_model

_GROUP = ["channel", "rule", "traffic_source", "medium", "referrer"]
COLUMNS = [*_GROUP, "campaign_count", "session_count", "person_count", "session_share", "session_share_low",
           "session_share_high"]  # fmt: skip
GIVEN = "given with the rows"
_CHANGED = "decided before the rules changed; the next refresh decides anew"


def list_channels(log: EventLog, settings: ChannelSettings | None, *, as_of: object = None) -> Answer:
    """Count sessions by channel and by what decided it.

    The channel of a session is that of its first event that carries another than 'Direct'; else 'Direct'.

    Args:
        log: the log.
        settings: the rules; none where channels came with the rows.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with a row per `channel`, `rule` that decided it, `traffic_source`, `medium` and site of the `referrer`
        of the deciding event, the commonest first ('(none)' where there is none): `campaign_count` (different
        campaigns), `session_count` (their sum is all sessions of no robot), `person_count`, and the share of all
        sessions with its 95 % Wilson interval.

    Raises:
        CallError: the log has no sessions.
    """
    log.check_unit("session")
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        select, parameters = select_model("channel_visits", {"as_of_us": as_of_us})
        visits = scratch.frame(f"SELECT * FROM ({select}) ORDER BY session_id", parameters)
    visits["rule"] = _find_rules(visits, settings)
    visits[_GROUP] = visits[_GROUP].replace("", None).fillna(NO_VALUE)
    campaigns = visits["campaign"].where(visits["campaign"] != "")
    groups = visits.assign(campaign=campaigns).groupby(_GROUP, sort=True)
    frame = groups.agg(
        campaign_count=("campaign", "nunique"),
        session_count=("session_id", "size"),
        person_count=("person_id", "nunique"),
    ).reset_index()
    frame = frame.sort_values(["session_count", *_GROUP], ascending=[False] + [True] * len(_GROUP), ignore_index=True)
    whole = pd.Series(len(visits), index=frame.index)
    frame["session_share"] = share_of(frame["session_count"], whole)
    frame["session_share_low"], frame["session_share_high"] = wilson_interval(frame["session_count"], whole)
    words = ("A session has the channel of its first event that carries another than 'Direct', else 'Direct'. Own "
             "rules come first, then GA4's default channel grouping of source, medium and campaign, then the referrer. "
             "Sessions of robots are left out. Shares are of all sessions, with 95 % Wilson intervals.")  # fmt: skip
    return Answer(frame[COLUMNS], log.describe(words, as_of_us, {}))


def _find_rules(visits: pd.DataFrame, settings: ChannelSettings | None) -> pd.Series:
    if settings is None:
        return pd.Series(GIVEN, index=visits.index)
    traffic = visits[["traffic_source", "medium", "campaign", "referrer", "url"]].drop_duplicates()
    names = list(traffic.columns)
    decided = classify_channels(traffic, settings)
    joined = visits[names].merge(decided, on=names, how="left")
    is_same = joined["channel"].fillna("").to_numpy() == visits["channel"].fillna("").to_numpy()
    return pd.Series(joined["rule"].where(is_same, _CHANGED).to_numpy(), index=visits.index)
