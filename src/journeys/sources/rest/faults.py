"""Errors of REST sources, without the secrets that addresses, headers and answers may hold."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from journeys.config.problems import mask_secrets
from journeys.config.rest import SECRET_NAMES
from journeys.errors import SourceError
from journeys.sources.faults import TransientSourceError

if TYPE_CHECKING:
    from journeys.config import Source

_SHORTEST_SECRET = 4
_LIKELY_SECRET = 16  # characters of a parameter's value
_LONGEST = 200


class PassingError(TransientSourceError):
    """An answer that a further try in a moment may better; `wait` is what the server asks for, in seconds, if it does.

    Only within a session: what leaves it is a TransientSourceError.
    """

    wait: float | None = None


class Faults:
    """Makes the errors of one source; knows what must not be shown.

    Args:
        source: of kind rest.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._secrets: set[str] = set()
        auth, request = source.auth, source.request
        if auth is not None:
            self.hide(auth.token, auth.password, auth.client_secret)
            if auth.user is not None:
                self.hide(base64.b64encode(f"{auth.user}:{auth.password or ''}".encode()).decode())
        if request is not None:
            self.hide(*request.headers.values())
            self.hide(*(str(value) for key, value in request.params.items() if _may_be_secret(key, str(value))))
        if source.place != source.url:
            self.hide(source.url)

    def hide(self, *secrets: str | None) -> None:
        """Show these texts in no error from now on; very short ones are no secrets."""
        for secret in secrets:
            if secret and len(secret) >= _SHORTEST_SECRET:
                self._secrets |= {secret, quote(secret, safe=""), quote_plus(secret)}

    def mask(self, text: str) -> str:
        """Write a text without secrets, cut to a length for people."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        text = mask_secrets(" ".join(text.split()))
        return text if len(text) <= _LONGEST else text[:_LONGEST] + " ..."

    def name_page(self, page: int) -> str:
        """Write where in the source something is."""
        return f"source {self._source.name!r}: page {page:,} of {label_rows(self._source)}"

    def refuse(self, code: str, what: str, *, found: str, allowed: str = "", do: str = "") -> SourceError:
        """Make an error that no further try betters."""
        return SourceError(code, what, found=self.mask(found), allowed=allowed, do=do)

    def pass_by(self, code: str, what: str, *, found: str, wait: float | None = None) -> PassingError:
        """Make an error that a further try may better."""
        error = PassingError(code, what, found=self.mask(found), do="try again later, or see what ails the API")
        error.wait = wait
        return error

    def give_up(self, error: PassingError, *, allowed: str) -> TransientSourceError:
        """Make an error that a further try in a moment does not better, but a later pull may."""
        return TransientSourceError(error.code, error.what, found=error.found, allowed=allowed, do=error.do)


def _may_be_secret(key: str, value: str) -> bool:
    return len(value) >= _LIKELY_SECRET or SECRET_NAMES.search(key) is not None


def label_rows(source: Source) -> str:
    """The name of the place that the rows come from: the path as written, never the address."""
    request = source.request
    return (request.label or request.path or source.name) if request is not None else source.name
