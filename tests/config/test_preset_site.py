"""`site = "https://..."` beside the preset of an access log: its paths become whole addresses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from journeys.config import Settings
from journeys.errors import ConfigError

LOG = '[project]\nname = "Acme"\n[[source]]\nname = "log"\npreset = "{}"\npath = "a.log"\n'


@pytest.mark.parametrize("preset", ["access_log", "w3c_log", "nginx_json"])
def test_an_access_log_takes_the_address_of_its_site(load: Callable[..., Settings], preset: str) -> None:
    text = LOG.format(preset)
    assert "'https://shop.example:8443'" in str(
        load(text=text + 'site = "https://shop.example:8443"\n').sources[0].columns["url"].sql
    )
    assert "{site}" not in str(load(text=text).sources[0].columns["url"].sql)


def test_an_address_of_one_s_own_wins(load: Callable[..., Settings]) -> None:
    own = 'site = "https://a.example"\n[source.columns]\nurl = "url"\n'
    assert load(text=LOG.format("access_log") + own).sources[0].columns["url"].column == "url"


@pytest.mark.parametrize(
    ("preset", "site", "words"),
    [
        ("ga4", '"https://a.example"', ["does not need it", "allowed: no site"]),
        ("access_log", "5", ["not the address of a site", "https://shop.example"]),
        ("access_log", '"shop.example"', ["not the address of a site", "found 'shop.example'"]),
        ("access_log", '"https://a.example/shop"', ["its scheme and host"]),
        ("access_log", "\"https://a' || b || '\"", ["not the address of a site"]),
        ("access_log", '""', ["not the address of a site"]),
    ],
)
def test_what_is_no_site_is_refused(load: Callable[..., Settings], preset: str, site: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load(text=f"{LOG.format(preset)}site = {site}\n")
    (found,) = caught.value.problems
    assert '[[source]] "log" (1st): site' in found
    for word in words:
        assert word in found


def test_without_a_preset_there_is_no_site(load: Callable[..., Settings]) -> None:
    with pytest.raises(ConfigError, match="site: unknown key"):
        load(text=LOG.format("access_log").replace('preset = "access_log"', 'kind = "file"') + 'site = "https://a.b"\n')
