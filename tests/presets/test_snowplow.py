"""Snowplow's events by naming them: 22 rows in five layouts, whose answers were counted by hand.

Layouts: https://docs.snowplow.io/docs/fundamentals/canonical-event, entities in columns of their own as in
https://docs.snowplow.io/docs/api-reference/loaders-storage-targets/schemas-in-warehouse (with names in camel case, and
in snake case where they are typed) or, as on Redshift, in tables of their own (columns: snowplow/iglu-central, sql/),
and https://docs.snowplow.io/docs/pipeline/enriched-tsv-format.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from shop_script import Script

from journeys.presets import load_preset
from journeys.warehouse import quote_text

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
from postgres import Postgres, start_postgres
from pulled import land

PAGE = (Path(__file__).parents[2] / "docs" / "sources" / "snowplow.md").read_text(encoding="utf-8")
FOLDER = Path(__file__).parent / "snowplow"
SESSION = "contexts_com_snowplowanalytics_snowplow_client_session_1"
ACTION = "unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1"
TRANSACTION = "contexts_com_snowplowanalytics_snowplow_ecommerce_transaction_1"


def write_parquet(path: Path) -> None:
    """The same rows as BigQuery writes them: entities are lists of structures, their members in snake case."""
    duckdb.sql(f"""
        COPY (
          SELECT * REPLACE (
            TRY_CAST(derived_tstamp AS TIMESTAMP) AS derived_tstamp,
            CAST(collector_tstamp AS TIMESTAMP) AS collector_tstamp,
            TRY_CAST(tr_total AS DOUBLE) AS tr_total,
            CASE WHEN {SESSION} IS NOT NULL THEN [{{'user_id': {SESSION} ->> '$[0].userId',
              'session_id': {SESSION} ->> '$[0].sessionId',
              'event_index': CAST({SESSION} ->> '$[0].eventIndex' AS INTEGER)}}] END AS {SESSION},
            {{'type': {ACTION} ->> '$.type', 'name': NULL}} AS {ACTION},
            [{{'revenue': CAST({TRANSACTION} ->> '$[0].revenue' AS DOUBLE),
              'currency': {TRANSACTION} ->> '$[0].currency'}}] AS {TRANSACTION})
          FROM read_csv('{FOLDER / "events.csv"}', all_varchar = true)
        ) TO '{path}' (FORMAT parquet)
    """)


def fill_tables(run: Callable[..., None]) -> None:
    """The same rows as the loaders of Redshift and Postgres write them: each kind of entity is a table of its own."""
    rows = pd.read_csv(FOLDER / "events.csv", dtype=str).astype(object).where(lambda frame: frame.notna(), None)
    rows["derived_tstamp"] = rows["derived_tstamp"].where(rows["event_id"] != "e19", None)  # 'yesterday' is no time
    rows["tr_total"] = rows["tr_total"].where(rows["event_id"] != "e20", None)  # nor is 'n/a' a number
    events = rows.drop(columns=[SESSION, ACTION, TRANSACTION])
    kinds = {name: "timestamp" for name in events if name.endswith("tstamp")} | {"tr_total": "double precision"}
    run("CREATE SCHEMA atomic", *write_table("events", events, kinds))
    members = {SESSION: ("userId", "sessionId", "eventIndex"), ACTION: ("type",), TRANSACTION: ("revenue", "currency")}
    names = {"userId": "user_id", "sessionId": "session_id", "eventIndex": "event_index"}
    kinds = {"root_tstamp": "timestamp", "event_index": "int", "revenue": "double precision"}
    for column, wanted in members.items():
        found = []
        for _, row in rows[rows[column].notna()].drop_duplicates("event_id").iterrows():
            entity = json.loads(row[column])
            entity = entity[0] if isinstance(entity, list) else entity
            root = {"schema_version": "1-0-0", "root_id": row["event_id"], "root_tstamp": row["collector_tstamp"]}
            found.append(root | {names.get(member, member): entity[member] for member in wanted})
        table = column.removeprefix("contexts_").removeprefix("unstruct_event_")
        run(*write_table(table, pd.DataFrame(found).astype(object), kinds))


def write_table(name: str, rows: pd.DataFrame, kinds: dict[str, str]) -> list[str]:
    """The statements that make a table with rows; a column of no kind is text."""
    columns = ", ".join(f'"{column}" {kinds.get(column, "text")}' for column in rows)
    lines = [
        "(" + ", ".join("NULL" if value is None else quote_text(str(value)) for value in row) + ")"
        for row in rows.itertuples(index=False)
    ]
    made = f"CREATE TABLE atomic.{name} ({columns})", f"INSERT INTO atomic.{name} VALUES {', '.join(lines)}"
    return list(made)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server of its own."""
    yield from start_postgres()


@pytest.fixture(scope="module", params=["CSV", "Parquet", "table", "enriched", "tables"])
def web(request: pytest.FixtureRequest, publish: Callable[[str], Script], tmp_path_factory: pytest.TempPathFactory) -> (
    Iterator[Script]
):  # fmt: skip
    """The events, published."""
    made = tmp_path_factory.mktemp("snowplow")
    if request.param == "tables":
        server: Postgres = request.getfixturevalue("server")
        fill_tables(server.run)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("WAREHOUSE_URL", server.url.render_as_string(hide_password=False))
            yield publish(
                next(block for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) if "root_id" in block)
            )
        return
    place = f'preset = "snowplow"\npath = "{(FOLDER / "events.csv").as_posix()}"\n'
    if request.param == "Parquet":
        write_parquet(made / "events.parquet")
        place = place.replace((FOLDER / "events.csv").as_posix(), (made / "events.parquet").as_posix())
    elif request.param == "table":
        with sqlite3.connect(made / "atomic.sqlite") as database:
            pd.read_csv(FOLDER / "events.csv", dtype=str).to_sql("events", database, index=False)
        place = f'preset = "snowplow"\nurl = "sqlite:///{(made / "atomic.sqlite").as_posix()}"\nschema = "main"\n'
    elif request.param == "enriched":
        place = f'preset = "snowplow_enriched"\npath = "{(FOLDER / "enriched.tsv").as_posix()}"\n'
    yield publish(f'[[source]]\nname = "web"\n{place}')


def test_nothing_is_lost_in_silence(web: Script) -> None:
    # 22 rows: one transaction twice, one row of nobody, one time that is none.
    assert web.rows("SELECT count(*), count(DISTINCT event_id) FROM events") == [(19, 19)]
    assert web.rows("SELECT sum(duplicate_count) FROM data_quality") == [(1,)]
    reasons = [row[0] for row in web.rows("SELECT reason FROM rejected_events WHERE event_id IS NOT NULL")]
    assert len(reasons) == 2
    assert "no identifier" in reasons
    (read, accepted, rejected) = web.rows("SELECT read_count, accepted_count, rejected_count FROM data_quality")[0]
    assert int(str(read)) == int(str(accepted)) + int(str(rejected)) + 1


def test_a_log_in_makes_the_browser_and_the_app_one_person(web: Script) -> None:
    persons = web.rows(
        "SELECT list_sort(list(DISTINCT events.device_id)) FROM events INNER JOIN session_events USING (event_id) "
        "INNER JOIN sessions USING (session_id) GROUP BY sessions.person_id ORDER BY 1"
    )
    assert [each[0] for each in persons] == [["d-ann", "m-ann"], ["d-bob"], ["d-bot"], ["d-cid"], ["d-dan"]]


def test_sessions_are_snowplow_s_own(web: Script) -> None:
    found = web.rows(
        "SELECT source_session_id, count(*), count(DISTINCT session_id) FROM events "
        "INNER JOIN session_events USING (event_id) GROUP BY 1 ORDER BY 1"
    )
    assert found == [("s1", 7, 1), ("s2", 2, 1), ("s3", 3, 1), ("s4", 3, 1), ("s5", 2, 1), ("s6", 1, 1), ("s7", 1, 1)]


def test_events_are_called_by_what_was_done(web: Script) -> None:
    assert dict(web.rows("SELECT event, count(*) FROM events GROUP BY event")) == {
        "page_view": 6, "page_ping": 1, "screen_view": 1, "play-video": 1, "list_view": 1, "product_view": 3,
        "add_to_cart": 2, "checkout_step": 1, "transaction": 3,
    }  # fmt: skip
    assert web.rows("SELECT event, sequence FROM events WHERE device_id = 'm-ann' ORDER BY sequence") == [
        ("screen_view", 1),
        ("product_view", 2),
    ]


def test_where_visits_come_from_and_who_is_a_bot(web: Script) -> None:
    # A click id of Google Ads without campaign values, an app, a tagged newsletter, typed addresses, a search engine.
    found = web.rows(
        "SELECT DISTINCT source_session_id, sessions.channel, sessions.bot_reason FROM sessions "
        "INNER JOIN session_events USING (session_id) INNER JOIN events USING (event_id) ORDER BY 1"
    )
    channels = ["Paid Search", None, "Email", "Direct", "Organic Search", "Direct", "Direct"]
    assert found == [(f"s{n}", each, "user agent" if n == 7 else None) for n, each in enumerate(channels, start=1)]


def test_times_are_utc_and_those_of_the_device(web: Script) -> None:
    assert web.rows("SELECT CAST(occurred_at AS VARCHAR), CAST(received_at AS VARCHAR) FROM events "
                    "WHERE event_id = 'e08'") == [("2026-03-01 12:00:00", "2026-03-01 12:00:00.25")]  # fmt: skip


def test_money_and_the_funnel(web: Script) -> None:
    paid = web.rows("SELECT event_id, value_amount, currency FROM events WHERE event = 'transaction' ORDER BY 1")
    assert paid == [("e06", 59.9, "EUR"), ("e17", 20.0, "EUR"), ("e20", None, "EUR")]
    funnel = [int(str(row[0])) for row in web.rows("SELECT reached_count FROM funnel_steps ORDER BY step_index")]
    # Product: Ann and Bob; cart after it: Ann, and Bob a day later; checkout and purchase: Ann.
    assert funnel == [2, 2, 1, 1]


def test_check_finds_nothing_wrong(web: Script) -> None:
    web("check").succeeds()


def test_quotes_of_the_enriched_stream_are_plain_text_and_short_rows_are_kept(publish: Callable[[str], Script]) -> None:
    path = (FOLDER / "enriched.tsv").as_posix()
    web = publish(f'[[source]]\nname = "web"\npreset = "snowplow_enriched"\npath = "{path}"\n')
    titles = web.rows(
        "SELECT json_extract_string(properties, '$.page_title') FROM events WHERE event_id IN ('e01', 'e02') ORDER BY 1"
    )
    assert titles == [('"Deals" of the week',), ('"Shoes',)]
    assert web.rows("SELECT line, reason FROM rejected_events WHERE event_id IS NULL") == [
        (23, "3 values instead of 131")
    ]


def test_enriched_events_with_a_header_are_read_alike(tmp_path: Path) -> None:
    header = "\t".join(load_preset("snowplow_enriched").parts[""]["header"])
    (tmp_path / "with.tsv").write_text(f"{header}\n" + (FOLDER / "enriched.tsv").read_text())
    (tmp_path / "without.tsv").write_text((FOLDER / "enriched.tsv").read_text())
    wanted = (
        "SELECT event_id, occurred_at_us, device_id, source_session_id, sequence, event, medium, value_amount, currency"
    )
    source = '[[source]]\nname = "web"\npreset = "{}"\npath = "{}.tsv"\n'
    named = land(tmp_path, source.format("snowplow", "with") + "quotes = false\n", wanted)
    assert named == land(tmp_path, source.format("snowplow_enriched", "without"), wanted)
    assert len(named) == 23
    assert [row[5] for row in named[3:6]] == ["add_to_cart", "checkout_step", "transaction"]
