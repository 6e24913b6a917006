"""`[source.request]`, `[source.auth]`, `[source.paging]`: what a REST source asks, as whom, and page by page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator

from journeys.config.fields import Columns, Duration, LineOrNone, LineText, Part, fault, loaded
from journeys.config.problems import mask_secrets

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PRINTABLE = re.compile(r"[ -~]+")
# What the connection itself says.
_OWN_HEADERS = ("host", "content-length", "transfer-encoding", "connection", "accept-encoding")
SECRET_NAMES = re.compile("auth|key|token|secret|pass|signature|credential", re.IGNORECASE)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(KB|MB|GB)")
_BYTES = {"KB": 10**3, "MB": 10**6, "GB": 10**9}


def _check_secret(text: str) -> str:
    if not _PRINTABLE.fullmatch(text) or text != text.strip():
        raise fault("not fit for a header", "printable ASCII without blanks at its ends")
    return text


def _check_size(text: str) -> str:
    if not _SIZE.fullmatch(text):
        raise fault("not a size", "a number with KB, MB or GB, such as '50MB'")
    return text


def _check_web_address(text: str) -> str:
    if not re.match(r"https?://[^/\s@]+(/|$)", text):
        raise fault("not a web address", "https://host/path, without user and password")
    return text


Secret = Annotated[str, AfterValidator(_check_secret)]
Size = Annotated[str, AfterValidator(_check_size)]
WebAddress = Annotated[str, AfterValidator(_check_web_address)]


def _secret(description: str) -> Any:
    return Field(default=None, repr=False, exclude=True, description=description)


class Request(Part):
    """What is asked, where the records are in an answer, and what an answer may cost."""

    path: LineOrNone = Field(
        default="", repr=False, description="path below the url; '' = the url is the whole address"
    )
    params: dict[str, Any] = Field(
        default_factory=dict, repr=False, exclude=True, description="parameters of each request, such as the page size"
    )
    headers: dict[str, str] = Field(
        default_factory=dict, repr=False, exclude=True, description="further headers of each request"
    )
    records: LineOrNone = Field(
        default="", description="where the list of records is, such as 'data.items'; '' = the answer is the list"
    )
    may_lack_records: bool = Field(
        default=False, description="an answer without the list, or with null there, has no records; false = an error"
    )
    cursor_param: LineText | None = Field(default=None, description="parameter that takes the cursor to read from")
    cursor_format: Literal["", "iso", "date", "s", "ms"] = Field(
        default="", description="how the cursor is sent; '' = ISO for times, numbers as they are"
    )
    requests_per_second: float | None = Field(
        default=None, ge=0.001, le=1_000, description="most requests a second; none = as fast as answers come"
    )
    retries: int = Field(default=4, ge=0, le=20, description="further tries after 429, 5xx and broken connections")
    longest_wait: Duration = Field(default="5m", description="a server that asks to wait for longer ends the pull")
    largest_response: Size = Field(default="50MB", description="an answer that is larger ends the pull")
    label: str = loaded("", "the path as written, which names the rows")

    @property
    def largest_bytes(self) -> int:
        """`largest_response` in bytes."""
        match = _SIZE.fullmatch(self.largest_response)
        assert match is not None
        return int(float(match[1]) * _BYTES[match[2]])

    @field_validator("params")
    @classmethod
    def _check_params(cls, params: dict[str, Any]) -> dict[str, Any]:
        if not all(name and isinstance(value, str | int | float) for name, value in params.items()):
            raise fault("not parameters", "names with a text, a number, true or false each")
        return params

    @field_validator("headers")
    @classmethod
    def _check_headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not _HEADER_NAME.fullmatch(name) or name.lower() in _OWN_HEADERS:
                raise fault("not a header that can be set", "names of headers such as 'Accept-Language'")
            _check_secret(value)
        return headers


class Auth(Part):
    """As whom is asked."""

    kind: Literal["bearer", "header", "query", "basic", "client_credentials"] = Field(
        description="how the API is told who asks"
    )
    name: LineText | None = Field(default=None, description="header, query: name of the header or parameter")
    token: Secret | None = _secret("bearer, header, query: the token or key")
    user: Secret | None = Field(default=None, description="basic: user name")
    password: Secret | None = _secret("basic: password; none = empty")
    token_url: WebAddress | None = Field(default=None, description="client_credentials: where tokens are given out")
    client_id: Secret | None = Field(default=None, description="client_credentials: who asks for a token")
    client_secret: Secret | None = _secret("client_credentials: its secret")
    scope: LineText | None = Field(default=None, description="client_credentials: what the token is for")
    client_in: Literal["header", "body"] = Field(
        default="header", description="client_credentials: where id and secret are sent"
    )


class Paging(Part):
    """How the next page is found, and when there is none."""

    kind: Literal["none", "next_link", "link_header", "cursor", "page", "offset", "since"] = Field(
        description="how the next page is asked for"
    )
    next: LineText | None = Field(
        default=None, description="next_link, cursor: where the address or cursor of the next page is in an answer"
    )
    last_record: LineText | None = Field(
        default=None, description="cursor: field of the last record that is sent for the next page, instead of `next`"
    )
    param: LineText | None = Field(
        default=None, description="cursor, page, offset: parameter that takes the cursor, page number or offset"
    )
    first: int = Field(default=1, ge=0, le=1, description="page: number of the first page")
    size: int | None = Field(default=None, ge=2, le=1_000_000, description="since: records of a full page")
    total: LineText | None = Field(default=None, description="where the number of all records is in an answer")
    pages: LineText | None = Field(default=None, description="page: where the number of pages is in an answer")
    more: LineText | None = Field(default=None, description="where an answer says true when another page follows")
    end_status: int | None = Field(
        default=None, ge=400, le=499, description="page, offset: status of a page after the last"
    )
    verify: bool = Field(
        default=True, description="page, offset: look for rows that moved between pages, and read those again"
    )
    most_pages: int = Field(default=10_000, ge=1, le=10_000_000, description="more pages are an error")


REST_KEYS: Mapping[str, type[Part]] = {"request": Request, "auth": Auth, "paging": Paging}
_SECRETS = ("token", "password", "client_secret")
KEYS_OF_AUTH: Mapping[str, tuple[Columns, Columns]] = {  # needed, and allowed beside them
    "bearer": (("token",), ()),
    "header": (("name", "token"), ()),
    "query": (("name", "token"), ()),
    "basic": (("user",), ("password",)),
    "client_credentials": (("token_url", "client_id", "client_secret"), ("scope", "client_in")),
}
_STOPS = ("total", "more", "most_pages")
KEYS_OF_PAGING: Mapping[str, tuple[Columns, Columns]] = {
    "none": ((), ("total",)),
    "next_link": (("next",), _STOPS),
    "link_header": ((), _STOPS),
    "cursor": (("param",), ("next", "last_record", *_STOPS)),
    "page": (("param",), ("first", "pages", "end_status", "verify", *_STOPS)),
    "offset": (("param",), ("end_status", "verify", *_STOPS)),
    "since": (("size",), ("most_pages",)),
}


def complete_request(request: Request, written: Mapping[str, Any]) -> tuple[str, Request]:
    """Say what a request depends on, and name its rows.

    Args:
        request: as it was read.
        written: its table before `${NAME}` was replaced.

    Returns:
        A text for fingerprints: values as written, names of headers only, no secret. And the request with its label.
    """
    path = mask_secrets(written.get("path", ""))
    own = request.model_dump(mode="json", exclude={"label"}, exclude_defaults=True)
    params = written.get("params", {})
    shown = {key: "***" if SECRET_NAMES.search(key) else mask_secrets(str(value)) for key, value in params.items()}
    headers = written.get("headers", {})
    own |= {"path": path, "params": shown, "headers": sorted(headers)}
    return json.dumps(own, sort_keys=True), request.model_copy(update={"label": path})


def find_written_secrets(written: Mapping[str, Any]) -> list[str]:
    """List the keys of `[source.auth]` and the headers whose values stand in the file itself."""
    auth, request = written.get("auth", {}), written.get("request", {})
    found = [f"auth.{key}" for key in _SECRETS if "${" not in str(auth.get(key, "${"))]
    return found + [
        f"request.{part}.{name}"
        for part in ("params", "headers")
        for name, value in request.get(part, {}).items()
        if SECRET_NAMES.search(name) and isinstance(value, str) and "${" not in value
    ]
