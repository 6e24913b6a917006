"""`[alert]`: whom to tell when a refresh fails."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from journeys.config.fields import LineText, Part, fault

_ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+")
_HOST = re.compile(r"[^\s/:@]+|\[?[0-9A-Fa-f:]+\]?")
_WEB_FORM = "http:// or https://, a host and a path, without user, password or #"


def _check_web_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_right = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right or "@" in parts.netloc or "#" in text or re.search(r"\s", text) or not text.isascii():
        raise fault("not a web address", _WEB_FORM)
    return text


def _check_address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise fault("not a mail address", "one address without a name, such as 'night@acme.example'")
    return text


def _check_host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise fault("not a host", "the name or number of a mail server, such as 'smtp.acme.example'")
    return text


def _read_addresses(value: object) -> object:
    if isinstance(value, list | tuple) and value:
        return tuple(value)
    raise fault("not a list of mail addresses", 'at least one, such as ["data@acme.example"]')


_Address = Annotated[str, AfterValidator(_check_address)]


class Mail(Part):
    """`[alert.mail]`: a mail server and whom it reaches."""

    host: Annotated[str, AfterValidator(_check_host)] = Field(description="mail server (SMTP)")
    port: int = Field(default=587, ge=1, le=65_535, description="its port")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="starttls, tls from the first byte (port 465), or none (a relay nearby)"
    )
    sender: _Address = Field(validation_alias="from", description="address that the mail comes from")
    to: Annotated[tuple[_Address, ...], BeforeValidator(_read_addresses)] = Field(description="addresses it goes to")
    user: LineText | None = Field(default=None, description="who signs in; none = nobody")
    password: LineText | None = Field(default=None, repr=False, exclude=True, description="a secret; with user")

    @model_validator(mode="after")
    def _check_sign_in(self) -> Mail:
        if (self.user is None) != (self.password is None):
            raise fault("only one of user and password given", "both or neither")
        if self.password is not None and self.security == "none":
            raise fault("a password would be sent in the clear", "security = 'starttls' or 'tls'")
        return self


class Alert(Part):
    """`[alert]`: where a failed or killed refresh is told; nothing else is ever sent there."""

    webhook: Annotated[LineText, AfterValidator(_check_web_address)] | None = Field(
        default=None, repr=False, exclude=True, description="address that takes a JSON text by POST, a secret"
    )
    mail: Mail | None = Field(default=None, description="[alert.mail]")

    @property
    def is_set(self) -> bool:
        """Whether anybody is to be told."""
        return self.webhook is not None or self.mail is not None
