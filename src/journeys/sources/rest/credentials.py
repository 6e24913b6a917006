"""Who asks: the headers and parameters that a REST source's `[source.auth]` adds to each request."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

if TYPE_CHECKING:
    from journeys.config import Auth
    from journeys.sources.rest.faults import Faults

# A token is not used in its last moments: it could end on the way.
_MARGIN_SECONDS = 30.0
_FEWEST_SECONDS = 1.0
TokenAnswer = Mapping[str, Any]
AskForToken = Callable[[str, Mapping[str, str], Mapping[str, str]], TokenAnswer]


@dataclass(frozen=True)
class Proof:
    """What is added to one request."""

    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)


class Credentials:
    """Fixed keys and passwords, or tokens that are fetched and end.

    Args:
        auth: of the source; None asks as nobody.
        ask: posts a form to an address (address, form, headers) and returns the JSON object of the answer.
        faults: learns each new token, so that no error shows it.
    """

    def __init__(self, auth: Auth | None, ask: AskForToken, faults: Faults) -> None:
        self._auth = auth
        self._ask = ask
        self._faults = faults
        self._token = ""
        self._ends_at: float | None = None

    @property
    def can_renew(self) -> bool:
        """Whether a refused request may succeed with a new token."""
        return self._auth is not None and self._auth.kind == "client_credentials"

    def prove(self, *, renew: bool = False) -> Proof:
        """Return what to add to the next request; fetches a token where there is none, or it is at its end.

        Args:
            renew: the token has just been refused, whatever it said of its end.

        Raises:
            SourceError: no token is given out.
        """
        auth = self._auth
        if auth is None:
            return Proof()
        if auth.kind == "bearer":
            return Proof({"Authorization": f"Bearer {auth.token}"})
        if auth.kind == "header":
            return Proof({str(auth.name): str(auth.token)})
        if auth.kind == "query":
            return Proof(params={str(auth.name): str(auth.token)})
        if auth.kind == "basic":
            return Proof({"Authorization": _write_basic(str(auth.user), auth.password or "")})
        if renew or not self._token or (self._ends_at is not None and time.monotonic() >= self._ends_at):
            self._fetch(auth)
        return Proof({"Authorization": f"Bearer {self._token}"})

    def _fetch(self, auth: Auth) -> None:
        form = {"grant_type": "client_credentials"} | ({"scope": auth.scope} if auth.scope else {})
        headers = {}
        if auth.client_in == "body":
            form |= {"client_id": str(auth.client_id), "client_secret": str(auth.client_secret)}
        else:
            pair = (quote_plus(str(auth.client_id)), quote_plus(str(auth.client_secret)))
            headers["Authorization"] = _write_basic(*pair)
            self._faults.hide(headers["Authorization"].partition(" ")[2])
        answer = self._ask(str(auth.token_url), form, headers)
        token = answer.get("access_token")
        if not isinstance(token, str) or not token.isprintable() or not token.isascii() or not token:
            raise self._faults.refuse(
                "login-refused",
                "the token server gave no token",
                found=f"an answer with the keys {', '.join(map(repr, sorted(answer)[:20]))}",
                allowed="a JSON object with access_token",
                do="correct token_url in [source.auth]",
            )
        self._faults.hide(token)
        self._token, self._ends_at = token, _find_end(answer.get("expires_in"))


def _find_end(seconds: object) -> float | None:
    try:
        lasts = float(str(seconds))
    except ValueError:
        return None
    return time.monotonic() + max(lasts - min(_MARGIN_SECONDS, lasts / 2), _FEWEST_SECONDS)


def _write_basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
