"""The tables of the CRM."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Float, Integer, MetaData, Table, Text

METADATA = MetaData()
ACCOUNTS = Table(
    "accounts", METADATA, Column("account_id", Text, primary_key=True), Column("name", Text), Column("country", Text),
    Column("employee_count", Integer), Column("created_at", DateTime), Column("updated_at", DateTime),
)  # fmt: skip
CONTACTS = Table(
    "contacts", METADATA, Column("contact_id", Integer, primary_key=True), Column("account_id", Text),
    Column("customer_id", Text), Column("first_name", Text), Column("last_name", Text), Column("email", Text),
    Column("language", Text), Column("created_at", DateTime), Column("updated_at", DateTime),
)  # fmt: skip
DEALS = Table(
    "deals", METADATA, Column("deal_id", Integer, primary_key=True), Column("account_id", Text),
    Column("contact_id", Integer), Column("title", Text), Column("stage", Text), Column("amount", Float),
    Column("currency", Text), Column("opened_at", DateTime), Column("closed_at", DateTime),
    Column("updated_at", DateTime),
)  # fmt: skip
HISTORY = Table(
    "deal_stage_history", METADATA, Column("history_id", Integer, primary_key=True), Column("deal_id", Integer),
    Column("contact_id", Integer), Column("stage", Text), Column("changed_at", DateTime), Column("amount", Float),
    Column("currency", Text), Column("updated_at", DateTime),
)  # fmt: skip
ACTIVITIES = Table(
    "activities", METADATA, Column("activity_id", Integer, primary_key=True), Column("contact_id", Integer),
    Column("deal_id", Integer), Column("kind", Text), Column("subject", Text), Column("outcome", Text),
    Column("occurred_at", DateTime), Column("updated_at", DateTime),
)  # fmt: skip
