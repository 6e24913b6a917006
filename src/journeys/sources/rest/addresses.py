"""Addresses of a REST source: the first one, and which others belong to the same API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from journeys.config import Request

_PORTS = {"http": 80, "https": 443}


def write_address(url: str, request: Request) -> httpx.URL:
    """Join address, path and parameters of a source.

    Raises:
        httpx.InvalidURL: there is no such address.
    """
    path, _, query = request.path.partition("?")
    address = httpx.URL(url)
    if path:
        front = address.raw_path.decode("ascii").partition("?")[0]  # what is escaped in it stays so
        address = address.copy_with(path=f"{front.rstrip('/')}/{path.lstrip('/')}")
    if query:
        address = address.copy_merge_params(httpx.QueryParams(query))
    return set_params(address, {key: write_param(value) for key, value in request.params.items()})


def write_param(value: str | float | bool) -> str:
    """Write a value as it stands in a query."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def set_params(address: httpx.URL, params: Mapping[str, str]) -> httpx.URL:
    """Set parameters of an address; those of the same names are replaced, the others stay."""
    return address.copy_merge_params(params) if params else address


def follow(base: httpx.URL, link: str, at: httpx.URL) -> httpx.URL | None:
    """Make the address that a link names, seen from another; None when it leads to another server.

    A link from https to http of the same host is read as https: servers behind a proxy write such links, and nothing
    may be sent in clear that was not before.

    Raises:
        httpx.InvalidURL: it is no address.
    """
    address = at.join(link)
    if address.host == base.host and base.scheme == "https" and address.scheme == "http":
        address = address.copy_with(scheme="https", port=None if _port(address) == _PORTS["http"] else address.port)
    if address.userinfo or address.scheme not in _PORTS or address.host != base.host:
        return None
    is_secured = base.scheme == "http" and _port(base) == 80 and address.scheme == "https" and _port(address) == 443
    return address if is_secured or (address.scheme, _port(address)) == (base.scheme, _port(base)) else None


def _port(address: httpx.URL) -> int:
    return address.port or _PORTS.get(address.scheme, 0)
