"""Tells a failed or killed run to the webhook and the mail addresses of `[alert]`, and to nobody else.

What is told names the project, the run, the error's code and what failed. What was found stays here: it may be a
row's value. A failing alert is logged and hides nothing.
"""

from __future__ import annotations

import json
import re
import smtplib
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

from journeys.config import Alert, Mail, load_alert, load_settings
from journeys.config.problems import mask_secrets
from journeys.errors import ConfigError, JourneysError
from pipelines.announce import announce
from pipelines.own_server import has_server

ANSWER_SECONDS = 5
LONGEST_SECONDS = 15
_HTTP_OK = range(200, 300)
_ADDRESS = re.compile(r"[^\s@'\"<>;,]+@[^\s@'\"<>;,]+")
_EXIT_STATUS = re.compile(r"status code:? (-?\d+)")
_STOPS = ("TerminationSignal", "KeyboardInterrupt")  # by name: Prefect is slow to import
_SENDING_ERRORS = (OSError, HTTPException, smtplib.SMTPException, ValueError)


@dataclass(frozen=True)
class Failure:
    """What is told of a run that did not end well.

    Attributes:
        project: the project's name; the configuration's file when that cannot be read.
        flow: which flow failed.
        flow_run: the run's name; '' when it failed before one began.
        flow_run_id: its id on the Prefect server.
        state: failed or crashed.
        code: the error's stable code.
        text: what failed and what to do, without values.
        failed_at: UTC time, ISO 8601.
    """

    project: str
    flow: str
    flow_run: str
    flow_run_id: str
    state: str
    code: str
    text: str
    failed_at: str


def tell_failure(flow: Any, flow_run: Any, state: Any) -> None:
    """Tell a failed or crashed flow run; Prefect calls it (`on_failure`, `on_crashed`), with or without a server."""
    config = str((flow_run.parameters or {}).get("config", "journeys.toml"))
    error = getattr(state.data, "result", state.data)
    code, text = _describe(error, str(state.message or ""))
    failure = Failure(
        project=_project_of(config),
        flow=flow.name,
        flow_run=flow_run.name,
        flow_run_id=str(flow_run.id),
        state="crashed" if state.is_crashed() else "failed",
        code=code,
        text=text,
        failed_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    for line in _tell(config, failure):
        announce("alert", line)
        if has_server():
            from prefect.logging.loggers import flow_run_logger

            flow_run_logger(flow_run, flow).error(line)


@contextmanager
def told(config: Path, flow: str) -> Iterator[None]:
    """Tell an error that ends a command before its flow has begun, and let it pass on."""
    try:
        yield
    except JourneysError as error:
        code, text = _describe(error, "")
        at = datetime.now(UTC).isoformat(timespec="seconds")
        for line in _tell(str(config), Failure(_project_of(str(config)), flow, "", "", "failed", code, text, at)):
            announce("alert", line)
        raise


def send_alert(alert: Alert, failure: Failure) -> list[str]:
    """Tell a failure wherever the configuration says, at once and within seconds.

    Returns:
        list[str]: a line for each place that could not be told, without secrets.
    """
    places: dict[str, Callable[[], None]] = {}
    if alert.webhook:
        address = alert.webhook
        places["webhook"] = lambda: _post(address, failure)
    if alert.mail:
        mail = alert.mail
        places["mail"] = lambda: _mail(mail, failure)
    faults = {name: [f"no answer within {LONGEST_SECONDS} s"] for name in places}
    # A thread may be left behind: a server that sends a byte now and then keeps no run from ending.
    threads = [threading.Thread(target=_try, args=(send, faults[name]), daemon=True) for name, send in places.items()]
    ends_at = time.monotonic() + LONGEST_SECONDS
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, ends_at - time.monotonic()))
    return [f"the {name} could not be told: {fault[0]}" for name, fault in faults.items() if fault]


def _tell(config: str, failure: Failure) -> list[str]:
    try:
        return send_alert(load_alert(config), failure)
    except ConfigError as error:
        is_named = "[alert" in "".join(error.problems) or _mentions_alert(config, otherwise=bool(failure.flow_run))
        return [f"nobody could be told, for [alert] cannot be read: {error}"] if is_named else []


def _mentions_alert(config: str, *, otherwise: bool) -> bool:
    """Say whether a file that is no TOML was meant to tell somebody; `otherwise` when it is not to be read at all."""
    try:
        return "[alert" in Path(config).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return otherwise


def _try(send: Callable[[], None], fault: list[str]) -> None:
    try:
        send()
    except _SENDING_ERRORS as error:
        fault[:] = [_name_fault(error)]
    else:
        fault.clear()


def _name_fault(error: Exception) -> str:
    """Say what went wrong without the words of others, which may hold the address or the password."""
    if isinstance(error, urllib.error.HTTPError):
        return f"it answered {error.code}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server answered {error.smtp_code}"
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return "certificate verify failed"
    if isinstance(reason, TimeoutError):
        return f"no answer within {ANSWER_SECONDS} s"
    if isinstance(reason, OSError) and reason.strerror and not isinstance(reason, smtplib.SMTPException):
        return reason.strerror
    return type(error).__name__


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nobody to another address."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Refuse, so that the answer becomes an error."""


def _post(address: str, failure: Failure) -> None:
    body = json.dumps(asdict(failure), ensure_ascii=False).encode()
    headers = {"content-type": "application/json; charset=utf-8"}
    request = urllib.request.Request(address, data=body, headers=headers)  # noqa: S310 - the loader lets http(s) pass
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
    answer: HTTPResponse
    with opener.open(request, timeout=ANSWER_SECONDS) as answer:
        if answer.status not in _HTTP_OK:
            raise urllib.error.HTTPError("", answer.status, "", answer.headers, None)


def _mail(mail: Mail, failure: Failure) -> None:
    # The own name is taken from the machine, never asked of a name server.
    own_name = socket.gethostname()
    message = EmailMessage()
    message["Subject"] = f"{failure.project}: {failure.flow} {failure.state} [{failure.code}]"
    message["From"], message["To"] = mail.sender, ", ".join(mail.to)
    message["Date"], message["Message-ID"] = format_datetime(datetime.now(UTC)), make_msgid(domain=own_name)
    message.set_content("\n".join(f"{name:<12} {value}" for name, value in asdict(failure).items()) + "\n")
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if mail.security == "tls":
        server = smtplib.SMTP_SSL(mail.host, mail.port, own_name, timeout=ANSWER_SECONDS, context=context)
    else:
        server = smtplib.SMTP(mail.host, mail.port, own_name, timeout=ANSWER_SECONDS)
    with server:
        if mail.security == "starttls":
            server.starttls(context=context)
        if mail.user is not None and mail.password is not None:
            server.login(mail.user, mail.password)
        server.send_message(message)


def _describe(error: object, message: str) -> tuple[str, str]:
    """Give the code and what failed; of errors not ours only the kind, for their words may hold anything."""
    if isinstance(error, JourneysError):
        do = "run `journeys check`" if isinstance(error, ConfigError) else error.do
        return error.code, _ADDRESS.sub("***", mask_secrets("; ".join(filter(None, (error.what, do)))))
    if type(error).__name__ in _STOPS:
        return "stopped", "the run was told to stop; what was published before stays"
    if isinstance(error, BaseException):
        return "unexpected", f"{type(error).__name__}; the run's log says where"
    status = _EXIT_STATUS.search(message)
    ended = f" with status {status[1]}" if status else ""
    return "crashed", f"the run's process ended{ended} before its work did; what was published before stays"


def _project_of(config: str) -> str:
    try:
        return load_settings(config).project.name
    except ConfigError:
        return config
