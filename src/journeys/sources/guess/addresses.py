"""An API behind an address: asked once, and drafted as a REST source."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import partial
from itertools import islice
from typing import Any

import httpx

from journeys.config import Source
from journeys.config.rest import SECRET_NAMES
from journeys.errors import CallError, SourceError
from journeys.sources.guess.answers import Records, find_records, refuse_file
from journeys.sources.guess.logins import Login, explain_refusal, read_login
from journeys.sources.guess.paging import find_paging
from journeys.sources.guess.sample import SAMPLE_ROWS, Sample, list_values
from journeys.sources.guess.since import find_cursor
from journeys.sources.rest.columns import ColumnWatch
from journeys.sources.rest.faults import Faults
from journeys.sources.rest.identity import digest
from journeys.sources.rest.read import Reading
from journeys.sources.rest.session import Answer, Session

_READ_TIMEOUT = "30s"
_NO_SECRET = re.compile("page|next|continuation|cursor|sync|keyword|author(?!i)", re.IGNORECASE)
_DO = {
    "status": "correct the address: see it in a browser, or with `curl -i`",
    "response-too-large": "ask for fewer records with the API's parameter for the size of a page, such as ?limit=100",
    "bad-url": "correct the address",
    "foreign-address": "if that is where the API is now, use its address",
    "redirects": "correct the address",
    "not-json": "use the address of the API itself",
}


class _AddressFaults(Faults):
    """Errors that name the address, for there is no source of a name yet."""

    def __init__(self, source: Source, shown: str) -> None:
        super().__init__(source)
        self._shown = shown

    def name_page(self, page: int) -> str:
        return self._shown if page == 1 else f"{self._shown}, page {page:,}"


def look_at_address(place: str, login: str | None = None) -> Sample:
    """Ask an API once for its records, and a few times more for how it pages.

    Args:
        place: its address.
        login: how it is told who asks, see `logins.read_login`; the secret is in the environment.

    Raises:
        CallError: the address is none, or not that of an API with records.
        SourceError: the API refuses, fails or is not there.
    """
    address = _read_address(place)
    params, secrets = _split_params(address)
    chosen = read_login(login, os.environ, address.username, address.password, secrets)
    settings = _write_settings(address, params, chosen)
    label = str(settings["name"])
    shown = _show(address)
    source = Source.model_validate({**_fill(settings, chosen.environment), "read_timeout": _READ_TIMEOUT})
    faults = _AddressFaults(source, shown)
    look = partial(refuse_file, address=shown, name=address.path.rstrip("/").rpartition("/")[2])
    session = Session(source, faults, retries=0, look=look)
    try:
        answer = session.get(session.base, page=1)
    except SourceError as error:
        raise _explain(error, chosen) from None
    finally:
        session.close()
    if answer.is_empty:
        raise CallError("init", f"{shown}: the answer is empty", found=f"status {answer.status}",
                        allowed="a JSON document with records")  # fmt: skip
    if answer.address.scheme == "https" and address.scheme == "http":
        settings["url"] = str(settings["url"]).replace("http://", "https://", 1)
    return _draft(answer, find_records(answer.document, label, address=shown), settings, chosen)


def _draft(answer: Answer, found: Records, settings: dict[str, Any], login: Login) -> Sample:
    request, notes = settings["request"], []
    if found.path:
        request["records"] = found.path
    where = repr(found.path) if found.path else "the answer itself"
    notes.append(f"records: {len(found.records):,} in {where}"
                 + (f"; also lists are {', '.join(map(repr, found.others[:5]))}" if found.others else ""))  # fmt: skip
    if login.told:
        notes.append(login.told)
    paged = find_paging(answer, found.path, found.records, request.get("params", {}),
                        partial(_try_pages, settings, login))  # fmt: skip
    notes.append(f"pages: {paged.told}")
    if paged.keys:
        settings["paging"] = dict(paged.keys)
        if paged.keys["kind"] in ("page", "offset") and "params" in request:
            request["params"] = {key: value for key, value in request["params"].items() if key != paged.keys["param"]}
    objects = found.records[:SAMPLE_ROWS]
    values = list_values(objects)
    cursor = find_cursor(request.get("params", {}), values)
    if cursor.keys:
        settings["cursor"] = cursor.column
        request.update(cursor.keys)
    notes.append(cursor.told)
    ordered: dict[str, object] = {key: settings[key] for key in ("kind", "url", "cursor") if key in settings}
    ordered["request"] = {key: value for key, value in request.items() if value not in ({}, "")}
    ordered |= {key: settings[key] for key in ("auth", "paging") if key in settings}
    place = request.get("path", "").partition("?")[0] or httpx.URL(settings["url"]).host
    return Sample(place, ordered, values, len(objects), tuple(notes), login.environment)


def _try_pages(settings: Mapping[str, Any], login: Login, keys: Mapping[str, object]) -> int | str:
    """Read two pages as a refresh would; how many records of the second are new, or why it failed."""
    given = {**_fill(settings, login.environment), "paging": dict(keys), "read_timeout": _READ_TIMEOUT}
    reading = Reading(Source.model_validate(given), {}, ColumnWatch({}), retries=0)
    try:
        pages = list(islice(reading.pages, 2))
    except SourceError as error:
        return f"{error.what}; found {error.found}"
    finally:
        reading.pages.session.close()
    known = {digest(record) for record in pages[0]}
    return sum(digest(record) not in known for record in pages[1]) if len(pages) > 1 else 0


def _read_address(place: str) -> httpx.URL:
    try:
        address = httpx.URL(place)
    except (httpx.InvalidURL, UnicodeError):
        address = httpx.URL("")
    if not address.host or "${" in place:
        raise CallError("init", "this is no address", found="what stands after --from",
                        allowed="https://host/path, in quotes")  # fmt: skip
    return address


def _split_params(address: httpx.URL) -> tuple[dict[str, object], dict[str, str]]:
    """The parameters that may be written down, numbers as such, and the secret ones."""
    pairs = address.params.multi_items()
    secrets = {name: value for name, value in pairs if _is_secret(name)}
    return {name: _read_number(value) for name, value in pairs if name not in secrets}, secrets


def _is_secret(name: str) -> bool:
    return SECRET_NAMES.search(name) is not None and not _NO_SECRET.search(name)


def _read_number(text: str) -> object:
    return int(text) if re.fullmatch(r"0|[1-9]\d{0,14}", text) else text


def _write_settings(address: httpx.URL, params: dict[str, object], login: Login) -> dict[str, Any]:
    path = address.raw_path.decode("ascii").partition("?")[0]  # what is escaped in it stays so
    front, _, last = path.rstrip("/").rpartition("/")
    end = "/" if last and path.endswith("/") else ""
    base = str(address.copy_with(username=None, password=None, path=front or "/", query=None, fragment=None))
    request: dict[str, Any] = {"path": f"{last}{end}"}
    names = [name for name, _ in address.params.multi_items()]
    if len(set(names)) < len(names):  # a table of parameters holds each once
        kept = httpx.QueryParams([pair for pair in address.params.multi_items() if not _is_secret(pair[0])])
        request["path"] += f"?{kept}"
    else:
        request["params"] = dict(params)
    for name, reference in login.params.items():
        request.setdefault("params", {})[name] = reference
    name = re.sub(r"[^A-Za-z0-9]+", "_", last).strip("_")[:40] or re.sub(r"\W", "_", address.host)[:40]
    settings: dict[str, Any] = {"name": name, "kind": "rest", "url": base.rstrip("/"), "request": request}
    return settings | ({"auth": dict(login.auth)} if login.auth else {})


def _fill(settings: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """Put the values of variables in their place."""

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: fill(each) for key, each in value.items()}
        match = re.fullmatch(r"\$\{(\w+)\}", value) if isinstance(value, str) else None
        return environment[match[1]] if match else value

    return {key: fill(value) for key, value in settings.items()}


def _show(address: httpx.URL) -> str:
    """The address without what may be a secret."""
    pairs = [(name, "***" if _is_secret(name) else value) for name, value in address.params.multi_items()]
    query = "&".join(f"{name}={value}" for name, value in pairs)
    plain = str(address.copy_with(username=None, password=None, query=None, fragment=None))
    return f"{plain}?{query}" if query else plain


def _explain(error: SourceError, login: Login) -> SourceError:
    if error.code in ("login-refused", "permission-denied"):
        return explain_refusal(error, login)
    return type(error)(error.code, error.what, found=error.found, allowed=error.allowed,
                       do=_DO.get(error.code, error.do))  # fmt: skip
