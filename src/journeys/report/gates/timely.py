"""Gates that a night can be held to by its events alone: are they new enough, and are they as many as usual."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from statistics import median

from journeys.report.gates.counts import count_days, last_days, same_weekdays
from journeys.report.gates.night import Measured, Night, find, pass_over, percent, share
from journeys.report.gates.verdict import Verdict
from journeys.units import US_PER_SECOND, duration_text, time_text, zone

WEEKS = 4
FEWEST_WEEKS = 3
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_US_PER_HOUR = 3_600 * US_PER_SECOND


def judge_freshness(night: Night) -> Iterator[Verdict]:
    """Hold each required source of events to the age of its last accepted event.

    Value: hours between the start of the run and that event, at least 0. Limit: `freshness_limit` in hours. Fails above
    the limit, and where the source has no event at all. Count and base are the source's accepted rows.
    """
    limit_us = night.settings.gates.freshness_us
    limit = f"at most {duration_text(limit_us)} is allowed"
    quality = {
        source: (count, last_us)
        for source, count, last_us in night.engine.rows("SELECT source, accepted_count, last_us FROM data_quality")
    }
    for source in night.sources:
        if not source.required:
            continue
        count, last_us = quality.get(source.name, (0, None))
        if last_us is None:
            text = f"Source '{source.name}' has not one usable event."
            yield Verdict("freshness", source.name, "", "failed", None, limit_us / _US_PER_HOUR, 0, 0, text)
            continue
        age_us = max(0, night.started_us - last_us)
        text = f"Source '{source.name}': the last event is {_age_text(age_us)} old ({time_text(last_us)}); {limit}."
        measured = Measured(round(age_us / _US_PER_HOUR, 3), limit_us / _US_PER_HOUR, count, count)
        yield find("freshness", (source.name, ""), measured, is_failed=age_us > limit_us, text=text)


def judge_volume(night: Night) -> Iterator[Verdict]:
    """Hold each source's events of one day to the same weekday of the four weeks before.

    The day is the last one of the project's calendar that was over when the run began; of a source that is not
    required, and so may lag, not later than the day of its last event. Base: the median of those of the four same
    weekdays that have events. Value: events of the day / base. Fails below `volume_low` and above `volume_high`.
    Not judged with fewer than three such weekdays, or a base below `fewest`.
    """
    gates = night.settings.gates
    local = night.started_at.astimezone(zone(night.settings.project.timezone))
    yesterday = local.date() - timedelta(days=1)
    last = last_days(night.engine, [source.name for source in night.sources])
    days = {
        source.name: yesterday if source.required else min(yesterday, last.get(source.name, yesterday))
        for source in night.sources
    }
    counts = count_days(night.engine, {name: same_weekdays(day, weeks=WEEKS) for name, day in days.items()})
    for name, day in days.items():
        today, *others = (counts[name, each] for each in same_weekdays(day, weeks=WEEKS))
        usual = [count for count in others if count]
        where = f"Source '{name}': {_count_text(today)} on {_day_text(day)}"
        if len(usual) < FEWEST_WEEKS:
            known = f"{len(usual)} of the {WEEKS} {_WEEKDAYS[day.weekday()]}s before" if usual else "no such day before"
            yield pass_over("volume", name, f"{where}; {known} with events, too few to compare with.")
            continue
        base = median(usual)
        if base < gates.fewest:
            why = f"{where}, usually {base:,g}: fewer than {gates.fewest:,} are not judged."
            yield pass_over("volume", name, why, base=base)
            continue
        value = share(today, base)
        text = (f"{where}, {percent(value)} of the usual {base:,g} (median of {len(usual)} "
                f"{_WEEKDAYS[day.weekday()]}s); {percent(gates.volume_low)} to {percent(gates.volume_high)} "
                "is allowed.")  # fmt: skip
        limit = gates.volume_low if value < 1 else gates.volume_high
        is_failed = not gates.volume_low <= value <= gates.volume_high
        yield find("volume", (name, ""), Measured(value, limit, today, base), is_failed=is_failed, text=text)


def _age_text(us: int) -> str:
    hours = us / _US_PER_HOUR
    return f"{hours:.1f} hours" if hours < 72 else f"{hours / 24:,.1f} days"


def _count_text(count: int) -> str:
    return f"{count:,} event{'' if count == 1 else 's'}"


def _day_text(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day.isoformat()}"
