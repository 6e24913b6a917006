"""One conversation with an API: as whom, how often, how long, how large, and what becomes of each answer."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import httpx

from journeys.errors import SourceError
from journeys.sources.rest.addresses import follow, set_params, write_address
from journeys.sources.rest.credentials import Credentials, Proof
from journeys.sources.rest.faults import Faults
from journeys.sources.rest.quiet import quietly
from journeys.sources.rest.waits import Throttle, read_retry_after, try_again
from journeys.units import US_PER_SECOND, duration_us
from journeys.version import VERSION

if TYPE_CHECKING:
    from journeys.config import Source

_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_GOOD = (200, 203, 206)
_EMPTY = 204
_PASSING = (408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529)
_LONGEST_REASON = 4_000  # bytes read of an answer that is an error
_BEGINNING = 64_000  # bytes
Look = Callable[[bytes, Mapping[str, str]], None]


@dataclass(frozen=True)
class Answer:
    """What came for one page.

    Attributes:
        address: where it came from in the end.
        status: of HTTP.
        headers: of the answer.
        document: the parsed JSON; None where there is none.
        is_empty: an answer without content, or an error that was allowed.
    """

    address: httpx.URL
    status: int
    headers: Mapping[str, str]
    document: Any = None
    is_empty: bool = False


class Session:
    """The requests of one pull.

    Args:
        source: of kind rest.
        faults: makes its errors.
        retries: further tries of each request; None is as the source says.
        look: is shown the beginning of each good answer and its headers before the rest is read, and may raise.
    """

    def __init__(self, source: Source, faults: Faults, *, retries: int | None = None, look: Look | None = None) -> None:
        assert source.request is not None
        self._source, self._request, self.faults = source, source.request, faults
        self._retries = source.request.retries if retries is None else retries
        self._look = look
        self._seconds = duration_us(source.read_timeout) / US_PER_SECOND
        timeout = httpx.Timeout(self._seconds, connect=duration_us(source.connect_timeout) / US_PER_SECOND)
        self._client = httpx.Client(timeout=timeout, headers={"User-Agent": f"journeys/{VERSION}"})
        self._throttle = Throttle(source.request.requests_per_second)
        self._credentials = Credentials(source.auth, self._ask_for_token, faults)
        try:
            self.base = write_address(source.url or "", source.request)
        except (httpx.InvalidURL, UnicodeError):
            raise faults.refuse(
                "bad-url", f"source {source.name!r}: url and path make no address", found="what they hold now",
                allowed="https://host/path", do="correct `url` in the [[source]] and `path` in [source.request]",
            ) from None  # fmt: skip

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def get(self, address: httpx.URL, *, page: int, ends: Collection[int] = ()) -> Answer:
        """Fetch one page.

        Args:
            address: of the page.
            page: its number from 1, for errors.
            ends: statuses that are an answer without a document instead of an error.

        Raises:
            SourceError: the API refuses, or answers with what is no JSON or too large.
            TransientSourceError: it cannot be reached, is silent, or keeps asking to wait.
        """
        where = self.faults.name_page(page)
        return try_again(lambda: self._get(address, where, ends), retries=self._retries)

    def _get(self, address: httpx.URL, where: str, ends: Collection[int]) -> Answer:
        answer, reason = self._send(address, where, self._credentials.prove())
        if answer.status == 401 and self._credentials.can_renew:
            answer, reason = self._send(address, where, self._credentials.prove(renew=True))
        if answer.status in ends or answer.status == _EMPTY:
            return replace(answer, is_empty=True)
        if answer.status in _GOOD:
            return replace(answer, document=self._parse(reason, answer, where))
        raise self._name_status(answer, reason, where)

    def _send(self, address: httpx.URL, where: str, proof: Proof) -> tuple[Answer, bytes]:
        """Ask, and follow redirects inside the API; secrets never go anywhere else."""
        headers = httpx.Headers({"Accept": "application/json"})
        headers.update(self._request.headers)
        headers.update(proof.headers)
        for _ in range(_MOST_REDIRECTS + 1):
            asked = set_params(address, proof.params)
            self._throttle.wait()
            with self._open("GET", asked, where, headers=headers) as response:
                if response.status_code not in _REDIRECTS or not response.headers.get("location"):
                    limit = self._request.largest_bytes if response.status_code in _GOOD else _LONGEST_REASON
                    body = self._read_body(response, where, limit)
                    return Answer(address, response.status_code, response.headers), body
                address = self.follow(response.headers["location"], at=asked, where=where, what="a redirect")
        raise self.faults.refuse("redirects", f"{where}: one redirect leads to the next", found="a sixth in a row",
                                 do="correct `url` in the [[source]]")  # fmt: skip

    def follow(self, link: str, *, at: httpx.URL, where: str, what: str) -> httpx.URL:
        """Make the address of a link.

        Raises:
            SourceError: it leads to another server, which gets neither a request nor a secret.
        """
        try:
            address = follow(self.base, link, at)
            host = str(at.join(link).netloc, "ascii").rpartition("@")[2]
        except (httpx.InvalidURL, UnicodeError, ValueError):
            address, host = None, "no address"
        if address is None:
            raise self.faults.refuse(
                "foreign-address",
                f"{where}: {what} leads to another server",
                found=host,
                allowed=str(self.base.netloc, "ascii").rpartition("@")[2],
                do="if that is where the API is now, correct `url` in the [[source]]",
            )
        return address

    @contextmanager
    def _open(
        self,
        method: str,
        address: httpx.URL,
        where: str,
        *,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None = None,
    ) -> Iterator[httpx.Response]:
        """Open an answer; what breaks while it is read comes out by name."""
        try:
            with quietly(), self._client.stream(method, address, headers=headers, data=form) as response:
                yield response
        except httpx.TimeoutException as error:
            raise self._name_silence(where, type(error).__name__) from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            if isinstance(_find_cause(error), ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY" in str(error):
                raise self.faults.refuse(
                    "certificate", f"{where}: the server's certificate is not trusted", found=str(error),
                    do="correct `url`, or let SSL_CERT_FILE name the authority that signed it",
                ) from None  # fmt: skip
            what = f"{where}: the API could not be reached or broke off"
            raise self.faults.pass_by("rest", what, found=f"{type(error).__name__}: {error}") from None

    def _name_silence(self, where: str, found: str) -> SourceError:
        what = f"{where}: no whole answer within read_timeout = {self._source.read_timeout!r}, "
        return self.faults.pass_by(
            "rest-timeout", f"{what}or no connection within {self._source.connect_timeout!r}", found=found
        )

    def _read_body(self, response: httpx.Response, where: str, limit: int) -> bytes:
        ends_at = time.monotonic() + self._seconds
        parts, size = [], 0
        look = self._look if response.status_code in _GOOD else None
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if look and size >= _BEGINNING:
                look(b"".join(parts), response.headers)
                look = None
            if size > limit and response.status_code in _GOOD:
                raise self.faults.refuse(
                    "response-too-large",
                    f"{where}: the answer is too large",
                    found=f"more than {limit:,} bytes",
                    allowed=f'largest_response = "{self._request.largest_response}"',
                    do="ask for fewer records a page in [source.request] params, or raise largest_response",
                )
            if size > limit:
                break
            if time.monotonic() > ends_at:
                raise self._name_silence(where, f"{size:,} bytes, and no end")
        body = b"".join(parts)
        if look:
            look(body, response.headers)
        return body

    def _parse(self, body: bytes, answer: Answer, where: str) -> Any:
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            kind = answer.headers.get("content-type", "no content type")
            is_page = b"<html" in body[:1_000].lower() or b"<!doctype" in body[:1_000].lower()
            do = "an HTML page is a log-in, a proxy or a wrong address: " if is_page else ""
            raise self.faults.refuse(
                "not-json", f"{where}: the answer is no JSON",
                found=f"{kind}, {len(body):,} bytes that begin {body[:80].decode('utf-8', 'replace')!r}",
                allowed="one JSON document", do=f"{do}correct `url`, `path` and the login of the [[source]]",
            ) from None  # fmt: skip

    def _name_status(self, answer: Answer, body: bytes, where: str) -> SourceError:
        status = answer.status
        found = f"status {status}: {body.decode('utf-8', 'replace')}"
        if status in (401, 407):
            return self.faults.refuse("login-refused", f"{where}: the API refuses the login", found=found,
                                      do="correct [source.auth]")  # fmt: skip
        if status == 403:
            return self.faults.refuse("permission-denied", f"{where}: the API does not let this login read it",
                                      found=found, do="give the login of [source.auth] the right to read")  # fmt: skip
        if status not in _PASSING:
            what = f"{where}: the API does not answer with records"
            do = "correct `url`, and path and params in [source.request]"
            return self.faults.refuse("status", what, found=found, allowed="status 200", do=do)
        wait = read_retry_after(answer.headers.get("retry-after"))
        if wait is not None and wait > duration_us(self._request.longest_wait) / US_PER_SECOND:
            told = self.faults.pass_by("rest-wait", f"{where}: the API asks to wait too long", found=f"{wait:,.0f} s")
            return self.faults.give_up(told, allowed=f'longest_wait = "{self._request.longest_wait}"')
        return self.faults.pass_by("rest-busy", f"{where}: the API is busy or broken", found=found, wait=wait)

    def _ask_for_token(self, address: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Mapping[str, Any]:
        where = f"source {self._source.name!r}: the token server"
        self._throttle.wait()
        headers = {"Accept": "application/json", **headers}
        with self._open("POST", httpx.URL(address), where, headers=headers, form=form) as response:
            body = self._read_body(response, where, self._request.largest_bytes)
            answer = Answer(httpx.URL(address), response.status_code, response.headers)
        if answer.status in _PASSING:
            raise self._name_status(answer, body, where)
        document = self._parse(body, answer, where) if answer.status in _GOOD else None
        if not isinstance(document, dict):
            raise self.faults.refuse(
                "login-refused", f"{where} gives no token", found=f"status {answer.status}: {body[:200]!r}",
                do="correct token_url, client_id and client_secret in [source.auth]",
            )  # fmt: skip
        return document


def _find_cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error
