"""A failure is told to the configured places and to nobody else, without values, within seconds, hiding nothing."""

from __future__ import annotations

import email
import socket
import ssl
import time
from base64 import b64encode
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from loopback import mail_server, webhook
from pipelines import alerts
from pipelines.alerts import Failure, send_alert, tell_failure, told
from prefect.exceptions import TerminationSignal

from journeys.config import Alert, Mail
from journeys.errors import ConfigError, ModelError, SourceError

DAY = timedelta(days=1)
FAILURE = Failure(
    "Café", "nightly", "swift-fox", "1-2", "failed", "no-files", "no file matches", "2026-03-01T03:00:00+00:00"
)
REST = """
[[source]]
name = "a"
kind = "file"
path = "a.csv"
columns = { occurred_at = "t", event = "e", user_id = "u" }
[[goal]]
name = "g"
match = { event = "buy" }
"""


def mail_to(port: int, **options: Any) -> Alert:
    given = {"host": "127.0.0.1", "port": port, "security": "none", "from": "night@acme.example"} | options
    return Alert(mail=Mail.model_validate(given | {"to": ("data@acme.example", "boss@acme.example")}))


def config_with(folder: Path, alert: str, *, rest: str = REST) -> Path:
    file = folder / "journeys.toml"
    file.write_text(f'[project]\nname = "Acme"\n{rest}{alert}', encoding="utf-8")
    return file


def end(config: Path, error: object, *, message: str = "", is_crashed: bool = False) -> None:
    """Call the hook as Prefect does."""
    run = SimpleNamespace(parameters={"config": str(config)}, name="swift-fox", id="1-2")
    state = SimpleNamespace(data=error, message=message, is_crashed=lambda: is_crashed)
    tell_failure(SimpleNamespace(name="nightly"), run, state)


def test_the_webhook_gets_the_failure_as_json() -> None:
    with webhook() as sink:
        assert send_alert(Alert(webhook=sink.address), FAILURE) == []
    assert sink.posts == [asdict(FAILURE)]
    assert sink.paths == ["POST /hook"]


def test_the_mail_goes_to_every_address_and_says_what_failed() -> None:
    with mail_server() as sink:
        assert send_alert(mail_to(sink.port), FAILURE) == []
    (mail,) = sink.mails
    read = email.message_from_string(mail, policy=default)
    assert read["Subject"] == "Café: nightly failed [no-files]"
    assert read["To"] == "data@acme.example, boss@acme.example"
    assert "no file matches" in read.get_content()
    assert [line for line in sink.dialogue if line.startswith("rcpt")] == [
        "rcpt TO:<data@acme.example>",
        "rcpt TO:<boss@acme.example>",
    ]


def test_both_places_are_told_though_one_is_dead() -> None:
    with webhook() as hook, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        alert = mail_to(nobody.getsockname()[1]).model_copy(update={"webhook": hook.address})
        assert send_alert(alert, FAILURE) == ["the mail could not be told: Connection refused"]
    assert len(hook.posts) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 404, 500])
def test_an_answer_that_is_no_yes_is_logged_and_no_redirect_is_followed(status: int) -> None:
    with webhook() as elsewhere, webhook(status, location=elsewhere.address) as sink:
        assert send_alert(Alert(webhook=sink.address), FAILURE) == [
            f"the webhook could not be told: it answered {status}"
        ]
    assert elsewhere.paths == []


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as proxy, webhook() as sink:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        assert send_alert(Alert(webhook=sink.address), FAILURE) == []
    assert (len(sink.posts), proxy.paths) == (1, [])


def test_a_slow_webhook_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "ANSWER_SECONDS", 0.3)
    with webhook(seconds=3) as sink:
        started = time.monotonic()
        assert send_alert(Alert(webhook=sink.address), FAILURE) == [
            "the webhook could not be told: no answer within 0.3 s"
        ]
        assert time.monotonic() - started < 2


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "LONGEST_SECONDS", 0.5)
    with mail_server(byte_seconds=0.3) as sink:
        started = time.monotonic()
        assert send_alert(mail_to(sink.port), FAILURE) == ["the mail could not be told: no answer within 0.5 s"]
        assert time.monotonic() - started < 2


def test_what_a_mail_server_says_is_not_repeated() -> None:
    with mail_server("550 night@acme.example may not") as sink:
        assert send_alert(mail_to(sink.port), FAILURE) == ["the mail could not be told: the mail server answered 550"]


def test_a_mail_is_not_sent_in_the_clear_when_it_should_be_encrypted() -> None:
    with mail_server() as sink:
        (line,) = send_alert(mail_to(sink.port, security="starttls"), FAILURE)
    assert line == "the mail could not be told: SMTPNotSupportedError"
    assert sink.mails == []


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate of 127.0.0.1, signed by itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - DAY, now + DAY)
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    own = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "certificate.pem"
    signed = made.sign(key, hashes.SHA256())
    file.write_bytes(key.private_bytes(*own) + signed.public_bytes(serialization.Encoding.PEM))
    return file


def test_a_password_goes_over_tls_to_a_server_with_a_known_certificate(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    with mail_server(tls=tls) as sink:
        alert = mail_to(sink.port, security="tls", user="night", password="hush")
        assert send_alert(alert, FAILURE) == ["the mail could not be told: certificate verify failed"]
        assert sink.dialogue == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert send_alert(alert, FAILURE) == []
    assert f"AUTH PLAIN {b64encode(b'%cnight%chush' % (0, 0)).decode()}" in sink.dialogue
    assert len(sink.mails) == 1


def test_the_hook_tells_code_and_text_but_nothing_that_was_found(tmp_path: Path) -> None:
    error = SourceError("no-files", "source 'a': nothing for anna@acme.example at db://me:hush@host/x",
                        found="+371 20000000", do="put files there")  # fmt: skip
    with webhook() as sink:
        end(config_with(tmp_path, f'[alert]\nwebhook = "{sink.address}"\n'), error)
    (told_of,) = sink.posts
    assert told_of | {"failed_at": ""} == {
        "project": "Acme",
        "flow": "nightly",
        "flow_run": "swift-fox",
        "flow_run_id": "1-2",
        "state": "failed",
        "code": "no-files",
        "text": "source 'a': nothing for *** at ***; put files there",
        "failed_at": "",
    }


@pytest.mark.parametrize(
    ("error", "message", "code", "text"),
    [
        (ValueError("anna@acme.example"), "", "unexpected", "ValueError; the run's log says where"),
        (ModelError("key", "persons: 2 rows share a key", found="p-1"), "", "key", "persons: 2 rows share a key"),
        (SimpleNamespace(result=ModelError("key", "broken")), "", "key", "broken"),
        (KeyboardInterrupt(), "", "stopped", "the run was told to stop; what was published before stays"),
        (TerminationSignal(signal=15), "", "stopped", "the run was told to stop; what was published before stays"),
        (None, "Process exited with status code: -9. anna", "crashed",
         "the run's process ended with status -9 before its work did; what was published before stays"),
        (None, "", "crashed", "the run's process ended before its work did; what was published before stays"),
    ],
)  # fmt: skip
def test_what_is_told_of_each_kind_of_end(tmp_path: Path, error: object, message: str, code: str, text: str) -> None:
    with webhook() as sink:
        end(config_with(tmp_path, f'[alert]\nwebhook = "{sink.address}"\n'), error, message=message, is_crashed=True)
    assert [(post["code"], post["text"], post["state"]) for post in sink.posts] == [(code, text, "crashed")]


def test_a_failing_alert_is_logged_without_its_address_and_raises_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with webhook(500) as sink:
        end(config_with(tmp_path, f'[alert]\nwebhook = "{sink.address}?token=hush"\n'), ValueError("x"))
    shown = capsys.readouterr().err
    assert shown.split() == ["alert", "the", "webhook", "could", "not", "be", "told:", "it", "answered", "500"]


def test_without_an_alert_section_nothing_is_told_or_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end(config_with(tmp_path, ""), ValueError("x"))
    (tmp_path / "journeys.toml").write_text("not = = toml", encoding="utf-8")
    end(tmp_path / "journeys.toml", ValueError("x"))
    assert capsys.readouterr().err == ""


def test_a_configuration_that_the_hook_cannot_find_is_logged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    end(tmp_path / "missing.toml", ValueError("x"))
    assert "nobody could be told" in capsys.readouterr().err
    with pytest.raises(ConfigError), told(tmp_path / "missing.toml", "nightly"):
        raise ConfigError("missing.toml", ["file not found"])
    assert capsys.readouterr().err == ""  # the error itself says it


def test_a_configuration_that_is_wrong_elsewhere_still_tells(tmp_path: Path) -> None:
    with webhook() as sink:
        config = config_with(tmp_path, f'[alert]\nwebhook = "{sink.address}"\n', rest="[bots]\nx = 1\n")
        with pytest.raises(ConfigError), told(config, "nightly"):
            raise ConfigError(str(config), ["[bots]: x: unknown key; found 'secret'"])
    (post,) = sink.posts
    assert (post["project"], post["code"], post["flow_run"]) == (str(config), "config", "")
    assert post["text"].endswith("journeys.toml: 1 problem; run `journeys check`")


def test_an_alert_section_that_is_wrong_is_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end(config_with(tmp_path, '[alert]\nwebhook = "${NOT_SET}"\n'), ValueError("x"))
    assert "nobody could be told, for [alert] cannot be read" in (shown := capsys.readouterr().err)
    assert "NOT_SET is not set" in shown
