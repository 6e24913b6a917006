"""What docs/sources/rest.md shows and says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from journeys.config import Paging, Request, Source, load_settings
from journeys.config.rest import KEYS_OF_AUTH, KEYS_OF_PAGING

TEXT = (Path(__file__).parents[3] / "docs/sources/rest.md").read_text(encoding="utf-8")
REST = '[project]\nname = "Acme"\n{}[[goal]]\nname = "paid"\nmatch = {{ event = "paid" }}\n'


def test_the_configuration_shown_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_API", "https://api.acme.example/v1")
    monkeypatch.setenv("SHOP_TOKEN", "s3cr3t")
    (shown,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    file = tmp_path / "journeys.toml"
    file.write_text(REST.format(shown))
    settings = load_settings(file)
    assert settings.warnings == ()
    assert settings.sources[0].paging == Paging(kind="next_link", next="links.next")


def test_every_kind_of_login_and_paging_has_its_line() -> None:
    assert [kind for kind in (*KEYS_OF_AUTH, *KEYS_OF_PAGING) if f"| `{kind}` |" not in TEXT] == []


def test_the_defaults_are_those_of_the_settings() -> None:
    request, paging = Request(), Paging(kind="page")
    source = Source(name="shop", kind="rest")
    for said in (
        f"`retries = {request.retries}`",
        f'`longest_wait = "{request.longest_wait}"`',
        f'`largest_response = "{request.largest_response}"`',
        f"`most_pages = {paging.most_pages}`",
        f"`first = {paging.first}`",
        f'`read_timeout` (`"{source.read_timeout}"`)',
        f'`connect_timeout` (`"{source.connect_timeout}"`)',
    ):
        assert said in TEXT
