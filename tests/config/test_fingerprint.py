"""The fingerprint of a configuration changes with what can change a number, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from journeys.config import Settings, load_settings

URL = "sqlite:///data/crm.sqlite"
OVERRIDE = """
[[identity.override]]
link = "must"
a = "user_id:u-1"
b = "email:anna@acme.example"
author = "Anna"
reason = "she told us"
"""


def test_the_fingerprint_is_independent_of_folder_comments_order_and_written_defaults(
    load: Callable[..., Settings], tmp_path: Path
) -> None:
    first = load()
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    text = first.path.read_text()
    changes = [
        ('event = "page_view", url = "*/product/*"', 'url = "*/product/*", event = "page_view"'),
        (
            'event_id = "event_id"\noccurred_at = "occurred_at"',
            'occurred_at = "occurred_at" # when\nevent_id = "event_id"',
        ),
        ('timeout = "30m"', 'midnight = false\ntimeout = "30m"'),
        ("required = true", 'required = true\ntimezone = "Europe/Riga"'),
        ('goal = "purchase"\n', ""),
    ]
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    file = folder / "other.toml"
    file.write_text(text)
    second = load_settings(file)
    assert first.fingerprint() == second.fingerprint()
    assert len(first.fingerprint()) == 64


def test_the_fingerprint_is_the_same_in_another_version_of_python() -> None:
    """Guards against a hash that depends on this run: the text is pinned through a second, plain computation."""
    import hashlib
    import json

    from journeys.config import Project

    settings = Settings(path=Path("/a/j.toml"), folder=Path("/a"), project=Project(name="A"))
    content = {
        "project": {"name": "A", "timezone": "UTC", "currency": ""},
        "sources": [],
        "identity": {
            "rule": "device_split",
            "blocked": [],
            "phone_region": "",
            "hub_degree": 5,
            "alarm_size": 100,
            "account_domains": True,
            "free_mail": [],
            "kinds": [
                {"name": "contact_id", "strength": 3, "person_limit": 3, "format": "text"},
                {"name": "user_id", "strength": 3, "person_limit": 1, "format": "text"},
                {"name": "email", "strength": 2, "person_limit": 5, "format": "email"},
                {"name": "lead_id", "strength": 2, "person_limit": 20, "format": "text"},
                {"name": "loyalty_card", "strength": 2, "person_limit": 5, "format": "text"},
                {"name": "phone", "strength": 2, "person_limit": 5, "format": "phone"},
                {"name": "cookie", "strength": 1, "person_limit": 50, "format": "text"},
                {"name": "device_id", "strength": 1, "person_limit": 50, "format": "text"},
            ],
            "overrides": [],
        },
        "privacy": {"personal": [], "personal_columns": [], "drop_columns": [], "scrub": False, "consent": None},
        "retention": {
            "events_days": None,
            "contact_rows_days": None,
            "rejected_events_days": None,
            "identity_edges_days": None,
            "person_aliases_days": None,
            "runs_days": None,
            "every_days": 1,
        },
        "bots": {"user_agents": True, "most_events": 200, "within": "5m", "steady_pages": 20},
        "session": {
            "timeout": "30m",
            "gap_inclusive": True,
            "max_length": None,
            "midnight": False,
            "campaign": False,
            "keep_source_id": True,
        },
        "journey": {"goal": "", "inactive_days": 30},
        "stages": [
            {"name": name, "absent_days": None}
            for name in ("awareness", "consideration", "purchase", "retention", "advocacy")
        ],
        "touchpoints": [],
        "channels": {"preset": "ga4", "sites": {}, "rules": []},
        "goals": [],
        "funnels": [],
        "report": {"top": 8, "depth": 8},
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    assert settings.fingerprint() == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"30m"', '"31m"'),
        ('"value_amount"', '"total"'),
        ("*/product/*", "*/products/*"),
        ('"anonymous_id"', '["ip", "agent"]'),
        ('"deal_stage_history"', '"deals"'),
        ("data/web/*.jsonl", "data/app/*.jsonl"),
        (URL, "sqlite:///data/other.sqlite"),
        ('"7d"', '"8d"'),
        ("Europe/Riga", "Europe/Tallinn"),
        ('"device_split"', '"last_known"'),
        ('"device_split"', '"device_split"\nblocked = ["robot"]'),
        ('"device_split"', '"device_split"\nphone_region = "LV"'),
        ('"device_split"', '"device_split"\nhub_degree = 6'),
        ('"device_split"', '"device_split"\nalarm_size = 101'),
        ('"device_split"', '"device_split"\naccount_domains = false'),
        ('"device_split"', '"device_split"\nfree_mail = ["mail.example"]'),
        ('"device_split"', '"device_split"\n[identity.kinds.email]\nperson_limit = 6'),
        ('"device_split"', '"device_split"\n[identity.kinds.badge]\nstrength = "weak"'),
        ('"device_split"\n', f'"device_split"\n{OVERRIDE}'),
        ('"device_split"', '"device_split"\n[privacy]\npersonal = ["email"]'),
        ('"device_split"', '"device_split"\n[privacy]\npersonal_columns = ["full_name"]'),
        ('"device_split"', '"device_split"\n[privacy]\ndrop_columns = ["ip"]'),
        ('"device_split"', '"device_split"\n[privacy]\nscrub = true'),
        ('"device_split"', '"device_split"\n[privacy.consent]\nmatch = { agreed = true }'),
        ('"device_split"', '"device_split"\n[privacy.consent.sources]\nweb = { agreed = true }'),
        ('"device_split"', '"device_split"\n[retention]\nevents_days = 400'),
        ('"device_split"', '"device_split"\n[bots]\nuser_agents = false'),
        ('"device_split"', '"device_split"\n[bots]\nmost_events = 0'),
        ('"device_split"', '"device_split"\n[bots]\nwithin = "6m"'),
        ('"device_split"', '"device_split"\n[bots]\nsteady_pages = 0'),
        ('event = "name"\n', 'event = "name"\n[source.identifiers]\nemail = "mail"\n'),
    ],
)
def test_the_fingerprint_changes_with_every_setting_that_matters(
    load: Callable[..., Settings], old: str, new: str
) -> None:
    assert load().fingerprint() != load((old, new)).fingerprint()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"warehouse"', '"store"'),
        ('"report.html"', '"index.html"'),
        ('"device_split"', '"device_split"\n[privacy]\nkey_env = "OTHER_KEY"'),
    ],
)
def test_the_fingerprint_leaves_out_where_results_are_stored(load: Callable[..., Settings], old: str, new: str) -> None:
    assert load().fingerprint() == load((old, new)).fingerprint()


def test_the_fingerprint_leaves_out_secrets(load: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    found = set()
    for value in ("postgresql://a:one@db/crm", "postgresql://a:two@db/crm"):
        monkeypatch.setenv("CRM_URL", value)
        monkeypatch.setenv("DATA", f"/mnt/{value[13:16]}")
        settings = load((URL, "${CRM_URL}"), ("data/web", "${DATA}/web"), ("deal_stage_history", "${DATA}"))
        found.add(settings.fingerprint())
    assert len(found) == 1
    assert len({load((URL, f"postgresql://a:{word}@db/crm")).fingerprint() for word in ("one", "two")}) == 1


def test_a_setting_from_the_environment_counts_in_the_fingerprint(
    load: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = set()
    for value in ("30m", "40m"):
        monkeypatch.setenv("TIMEOUT", value)
        found.add(load(('"30m"', '"${TIMEOUT}"')).fingerprint())
    assert len(found) == 2


def test_the_fingerprint_changes_with_each_part_of_an_override(load: Callable[..., Settings]) -> None:
    parts = [("must", "cannot"), ("u-1", "u-2"), ("anna@", "ann@"), ('"Anna"', '"Ann"'), ("told us", "wrote")]
    found = {load(('"device_split"\n', f'"device_split"\n{OVERRIDE}')).fingerprint()}
    found |= {
        load(('"device_split"\n', f'"device_split"\n{OVERRIDE.replace(old, new)}')).fingerprint() for old, new in parts
    }
    assert len(found) == 1 + len(parts)


def test_the_fingerprint_is_independent_of_the_order_of_kinds(load: Callable[..., Settings]) -> None:
    badge, card = '[identity.kinds.badge]\nstrength = "weak"\n', '[identity.kinds.card]\nstrength = "weak"\n'
    first = load(('"device_split"\n', f'"device_split"\n{badge}{card}'))
    second = load(('"device_split"\n', f'"device_split"\n{card}{badge}'))
    assert first.fingerprint() == second.fingerprint()
