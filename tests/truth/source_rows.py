"""The sample company's sources read by hand: which identifiers stand on one row. Shares no line with the product."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import combinations
from pathlib import Path

import networkx as nx

Identifier = tuple[str, str]

NOBODY = ("", "undefined")
ROLE_MAILBOX = "info@"
CRM_ROWS = """
    SELECT c.contact_id, c.customer_id, NULL FROM deal_stage_history AS h JOIN contacts AS c USING (contact_id)
    UNION SELECT c.contact_id, c.customer_id, NULL FROM activities AS a JOIN contacts AS c USING (contact_id)
    UNION SELECT contact_id, customer_id, email FROM contacts
"""


def make_alike(kind: str, value: str) -> str:
    """Write e-mail addresses in small letters; the sample has no other spelling twice."""
    return value.lower() if kind == "email" else value


def read_web_events(folder: Path) -> dict[str, set[Identifier]]:
    """Every event_id of the web log with the identifiers on its lines; lines that are no event are passed over."""
    found: dict[str, set[Identifier]] = {}
    for path in sorted((folder / "data" / "web").glob("*.jsonl")):
        for line in path.read_bytes().split(b"\n"):
            try:
                event = json.loads(line.decode("utf-8"))
            except ValueError:
                continue
            if isinstance(event, dict) and "occurred_at" in event:
                row = [("device_id", event["anonymous_id"]), ("user_id", event.get("user_id", ""))]
                found.setdefault(event["event_id"], set()).update(row)
    return found


def read_other_rows(folder: Path) -> Iterator[set[Identifier]]:
    """The rows of CRM, surveys and tickets."""
    with closing(sqlite3.connect(folder / "data" / "crm.sqlite")) as connection:
        for contact, customer, email in connection.execute(CRM_ROWS):
            yield {("contact_id", str(contact)), ("user_id", customer or ""), ("email", email or "")}
    with (folder / "data" / "surveys.csv").open(encoding="utf-8", newline="") as file:
        for answer in csv.DictReader(file):
            yield {("user_id", answer["user_id"])}
    for line in (folder / "data" / "tickets.jsonl").read_text("utf-8").splitlines():
        ticket = json.loads(line)
        yield {("user_id", ticket["user_id"]), ("email", ticket["email"])}


def drop_nobody(row: Iterable[Identifier]) -> set[Identifier]:
    """The identifiers of a row that may name somebody, alike."""
    return {
        (kind, make_alike(kind, value))
        for kind, value in row
        if value not in NOBODY and not (kind == "email" and value.lower().startswith(ROLE_MAILBOX))
    }


def draw_links(rows: Iterable[set[Identifier]]) -> nx.Graph:
    """The graph of all identifiers, linked where they stand on one row."""
    graph: nx.Graph = nx.Graph()
    for row in rows:
        graph.add_nodes_from(row)
        graph.add_edges_from(combinations(sorted(row), 2))
    return graph
