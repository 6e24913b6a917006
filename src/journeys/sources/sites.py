"""Known sites and what they are: search engines, social, video and shopping sites."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib import resources

# The country's part of a site that has many: '.com', '.lv', '.co.uk', '.com.br'.
_COUNTRY = r"\.(?:com?\.)?[a-z]{2,3}"
OwnSites = tuple[tuple[str, str], ...]
_ALIASES = ("www.", "m.", "l.", "lm.", "search.", "r.search.", "news.", "images.")


@cache
def _load_sites() -> tuple[dict[str, str], re.Pattern[str], dict[str, str]]:
    """Exact names and domains; one pattern for all sites written 'name.*', with their categories."""
    text = resources.files("journeys.sources").joinpath("sites.csv").read_text(encoding="utf-8")
    categories = {row["site"]: row["category"] for row in csv.DictReader(text.splitlines())}
    worldwide = {site.removesuffix(".*"): kind for site, kind in categories.items() if site.endswith(".*")}
    pattern = re.compile(f"({'|'.join(map(re.escape, worldwide))}){_COUNTRY}")
    return categories, pattern, worldwide


@cache
def find_category(source: str, own: OwnSites = ()) -> str:
    """What a traffic source or host is: 'search', 'social', 'video', 'shopping', or '' when the list does not know it.

    A name must be in the list ('google'), a host may be a subdomain of one in the list ('l.facebook.com'); of a
    site with an address per country ('google.*') only the plain address counts: 'mail.google.com' is no search.

    Args:
        source: the name or host.
        own: the company's own pairs of site and category, which go before the list.

    >>> find_category("www.google.co.uk"), find_category("mail.google.com")
    ('search', '')
    """
    listed, pattern, worldwide = _load_sites()
    categories = {**listed, **dict(own)}
    name = source.strip().lower()
    parts = name.split(".")
    for place in range(len(parts)):
        found = categories.get(".".join(parts[place:]))
        if found is not None and (place == 0 or place < len(parts) - 1):
            return "" if found == "none" else found
    plain = [name, *(name.removeprefix(alias) for alias in _ALIASES if name.startswith(alias))]
    match = next((match for candidate in plain if (match := pattern.fullmatch(candidate))), None)
    return worldwide[match[1]] if match else ""
