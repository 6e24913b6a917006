"""Times and identifiers as real logs have them: used, or kept aside with a reason."""

from __future__ import annotations

from shop_script import EVENTS, HEADER, SOURCE, Script

GOOD = ("good", "a", "2026-03-01T10:00:00Z", "land", "u", "")


def reasons(script: Script) -> dict[str, str]:
    """The reason of each rejected row, by its event_id."""
    return {str(key): str(value) for key, value in script.rows("SELECT event_id, reason FROM rejected_events")}


def test_a_time_is_read_or_rejected_with_its_reason(script: Script) -> None:
    times = {
        "9999-12-31T23:59:59Z": "impossible time: in the future",
        "1800-01-01T00:00:00Z": "impossible time: too early",
        "1999-12-31T23:59:59Z": "impossible time: too early",
        "tomorrow": "unreadable time",
        "now": "unreadable time",
        "infinity": "unreadable time",
        "1772359200": "unreadable time",
        "1772359200000": "unreadable time",
        "-1": "unreadable time",
        "2026-02-30T10:00:00Z": "unreadable time",
        "2026-03-01T25:00:00Z": "unreadable time",
        "01/03/2026": "unreadable time",
        "99999-01-01": "unreadable time",
        "": "no time",
        "   ": "no time",
        "2026-03-01": "",
        "2026-03-01 10:00:00+02:00": "",
        "2026-03-01T10:00:00.123456789Z": "",
    }
    script.write([(str(index), f"v{index}", text, "land", "u", "") for index, text in enumerate(times)])
    script("refresh").succeeds()
    wanted = {str(index): reason for index, reason in enumerate(times.values()) if reason}
    assert reasons(script) == wanted
    accepted = dict(script.rows("SELECT device_id, occurred_at_us FROM events"))
    midnight = 1_772_323_200_000_000
    assert list(accepted.values()) == [midnight, midnight + 8 * 3_600_000_000, midnight + 36_000_123_456]


def test_whole_numbers_without_a_unit_are_an_error_that_asks_for_it(script: Script) -> None:
    script.write([("1", "a", "1772323200", "land", "u", "")])
    script("refresh").fails(1)
    checked = script("check")
    checked.fails(1)
    assert 'unit = "s", "ms" or "us"' in checked.err
    script.config.write_text(
        script.config.read_text(encoding="utf-8").replace('"web.csv"', '"web.csv"\nunit = "s"'), encoding="utf-8"
    )
    script("refresh").succeeds()
    assert script.rows("SELECT occurred_at_us FROM events") == [(1_772_323_200_000_000,)]


def test_identifiers_that_say_nothing_are_none(script: Script) -> None:
    empty = ["undefined", " NULL ", "", "   ", "null", "None", "NaN", "unknown", "\u00a0", "UNDEFINED", "0", "-1",
             "00000000-0000-0000-0000-000000000000"]  # fmt: skip
    rows = [(str(index), text, "2026-03-01T10:00:00Z", "land", "u", "") for index, text in enumerate(empty)]
    script.write([*rows, GOOD])
    script("refresh").succeeds()
    assert reasons(script) == {str(index): "no identifier" for index in range(len(empty))}
    assert script.rows("SELECT event_id, device_id FROM events") == [("good", "a")]


def test_one_id_in_two_sources_is_two_events_in_one_source_one(script: Script) -> None:
    two = SOURCE.replace('name = "web"', 'name = "shop"').replace("web.csv", "shop.csv")
    script.write([GOOD, GOOD, ("good", "a", "2026-03-01T09:00:00Z", "land", "u", "")], source=SOURCE + two)
    (script.folder / "shop.csv").write_text(HEADER + "good,z,2026-03-01T10:00:00Z,buy,u,5\n", encoding="utf-8")
    script("refresh").succeeds()
    found = script.rows("SELECT source, device_id, event, occurred_at_us FROM events ORDER BY source")
    nine = 1_772_323_200_000_000 + 9 * 3_600_000_000
    assert found == [("shop", "z", "buy", nine + 3_600_000_000), ("web", "a", "land", nine)]
    assert len(script.rows("SELECT DISTINCT event_id FROM events")) == 2
    told = script("check").succeeds()
    assert "web: read 3 = accepted 1 + duplicate 2 + rejected 0" in told
    assert "shop: read 1 = accepted 1 + duplicate 0 + rejected 0" in told


def test_very_long_texts_are_kept_whole(script: Script) -> None:
    long = "y" * 100_000
    script.write([("long", long, "2026-03-01T10:00:00Z", long, f"https://x/{long}", ""), *EVENTS])
    script("refresh").succeeds()
    found = script.rows("SELECT max(length(device_id)), max(length(event)), max(length(url)) FROM events")
    assert found == [(100_000, 100_000, 100_010)]
