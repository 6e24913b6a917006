"""One small valid configuration, and a way to load it with a few lines changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from journeys.config import Settings, load_settings, starter_text
from journeys.errors import ConfigError

VALID = """\
[project]
name = "Acme"
timezone = "Europe/Riga"
currency = "EUR"

[warehouse]
path = "warehouse"

[[source]]
name = "web"
kind = "file"
path = "data/web/*.jsonl"
required = true
[source.columns]
event_id = "event_id"
occurred_at = "occurred_at"
device_id = "anonymous_id"
event = "name"

[[source]]
name = "crm"
kind = "database"
url = "sqlite:///data/crm.sqlite"
table = "deal_stage_history"
cursor = "updated_at"
[source.columns]
"event_id" = "history_id"
occurred_at = "changed_at"
user_id = "contact_id"
event = { sql = "'deal ' || stage" }

[identity]
rule = "device_split"

[session]
timeout = "30m"

[journey]
goal = "purchase"
inactive_days = 30

[[stage]]
name = "awareness"
[[stage]]
name = "consideration"

[[touchpoint]]
name = "Product page"
channel = "web"
stage = "consideration"
match = { event = "page_view", url = "*/product/*" }

[[touchpoint]]
name = "Cart"
sql = "event = 'cart'"

[channels]
preset = "ga4"
[[channels.rule]]
name = "Partners"
source = "partner-*"

[[goal]]
name = "purchase"
match = { event = "purchase" }
value = "value_amount"

[[funnel]]
name = "shop"
steps = ["Product page", "Cart", "purchase"]
window = "7d"

[report]
path = "report.html"
"""


# Of other formats, and what [privacy] does not go with.
OF_OTHERS = ("# preset", "# pattern", "# delimiter", "# header", "# quotes", "# deleted_event")


@pytest.fixture(scope="session")
def every_option() -> str:
    """The starter file with every option that it shows as a comment written out, but for those that exclude others."""
    option = re.compile(r"# (\[\[?[a-z]|[a-z_]+ = )")
    lines = [line for line in starter_text().splitlines() if not line.startswith(OF_OTHERS)]
    return "\n".join(line.removeprefix("# ") if option.match(line) else line for line in lines)


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Settings]:
    """Load VALID after replacing each old text (which must occur exactly once) by its new one."""

    def load_changed(*changes: tuple[str, str], text: str = VALID) -> Settings:
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
            text = text.replace(old, new)
        file = tmp_path / "journeys.toml"
        file.write_text(text, encoding="utf-8")
        return load_settings(file)

    return load_changed


@pytest.fixture
def problems_of(load: Callable[..., Settings], tmp_path: Path) -> Callable[..., list[str]]:
    """List the problems of VALID with the changes made, without the file's name in front, which each must have."""

    def list_problems(*changes: tuple[str, str], text: str = VALID) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(*changes, text=text)
        start = f"{tmp_path / 'journeys.toml'}: "
        assert all(problem.startswith(start) for problem in caught.value.problems)
        return [problem.removeprefix(start) for problem in caught.value.problems]

    return list_problems
