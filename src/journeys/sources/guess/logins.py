"""How an API is told who asks, for `--auth` and from an address; secrets come from the environment alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from journeys.errors import CallError, SourceError

TOKEN_VARIABLE = "JOURNEYS_SOURCE_TOKEN"  # noqa: S105 - a name
_REFERENCE = f"${{{TOKEN_VARIABLE}}}"
_FORMS = "bearer, header:NAME, query:NAME or basic:USER"


@dataclass(frozen=True)
class Login:
    """Who asks.

    Attributes:
        auth: keys of `[source.auth]`, the secret as a variable; none asks as nobody.
        params: further secret parameters of the address, as variables.
        environment: those variables.
        told: in words where it comes from; '' for nobody.
    """

    auth: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    told: str = ""


def read_login(
    given: str | None, environment: Mapping[str, str], user: str, password: str, secrets: Mapping[str, str]
) -> Login:
    """Read who asks: from `--auth`, else from the address, else as a bearer token where the variable is set.

    Args:
        given: 'bearer', 'header:NAME', 'query:NAME' or 'basic:USER'; the secret is in the variable.
        environment: of the process.
        user: of the address.
        password: of the address.
        secrets: parameters of the address that hold secrets.

    Raises:
        CallError: it is none of these, or the variable is not set.
    """
    token = environment.get(TOKEN_VARIABLE, "")
    params, values = _hide(secrets)
    if given is not None:
        auth = _read_form(given)
        if not token:
            raise CallError("init", f"--auth needs the secret in {TOKEN_VARIABLE}", found="nothing there",
                            do=f"export {TOKEN_VARIABLE}=... and run it again")  # fmt: skip
        params = {name: value for name, value in params.items() if name != auth.get("name")}
        return Login(auth, params, {**values, TOKEN_VARIABLE: token}, f"asked as {given}")
    if user:
        auth = {"kind": "basic", "user": user, **({"password": _REFERENCE} if password else {})}
        known = {**values, TOKEN_VARIABLE: password} if password else values
        return Login(
            auth, params, known, f"asked as the user of the address; its password is to be in {TOKEN_VARIABLE}"
        )
    if secrets:
        name = next(iter(secrets))
        auth = {"kind": "query", "name": name, "token": params.pop(name)}
        return Login(auth, params, values, f"the parameter {name} looks like a secret: it is to be in {TOKEN_VARIABLE}")
    if token:
        auth = {"kind": "bearer", "token": _REFERENCE}
        return Login(auth, {}, {TOKEN_VARIABLE: token}, f"asked with the bearer token in {TOKEN_VARIABLE}")
    return Login()


def _hide(secrets: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    names = [TOKEN_VARIABLE + (f"_{place}" if place > 1 else "") for place in range(1, len(secrets) + 1)]
    params = {key: f"${{{name}}}" for key, name in zip(secrets, names, strict=True)}
    return params, dict(zip(names, secrets.values(), strict=True))


def _read_form(given: str) -> dict[str, str]:
    kind, _, name = given.partition(":")
    forms = {"bearer": {"kind": "bearer", "token": _REFERENCE},
             "header": {"kind": "header", "name": name, "token": _REFERENCE},
             "query": {"kind": "query", "name": name, "token": _REFERENCE},
             "basic": {"kind": "basic", "user": name, "password": _REFERENCE}}  # fmt: skip
    if kind not in forms or bool(name) != (kind != "bearer"):
        raise CallError("init", "no such --auth", found=repr(given), allowed=_FORMS)
    return forms[kind]


def explain_refusal(error: SourceError, login: Login) -> SourceError:
    """Say how to log in where an API refuses: which option, and which keys it will write."""
    if login.auth:
        do = f"see whether the secret and its way ({login.told}) are right; other ways: --auth {_FORMS}"
    else:
        do = (
            f"export {TOKEN_VARIABLE}=... and run it again: it is sent as `Authorization: Bearer ...`; where the API "
            f"takes it otherwise, say --auth {_FORMS}. It is written as [source.auth] with kind, name or user, and "
            f'token = "{_REFERENCE}"; for kind = "client_credentials" (OAuth2) see docs/sources/rest.md'
        )
    return SourceError(error.code, error.what, found=error.found, allowed=error.allowed, do=do)
