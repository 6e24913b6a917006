"""`[alert]`: whom to tell, checked like the rest, its secrets shown nowhere and counted in no fingerprint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from journeys.config import Settings, load_alert
from journeys.errors import ConfigError

END = 'path = "report.html"\n'
HOOK = "https://hooks.example/s3cr3t-Hush"
MAIL = """
[alert.mail]
host = "smtp.acme.example"
from = "night@acme.example"
to = ["data@acme.example", "boss@acme.example"]
"""
SIGN_IN = 'user = "night"\npassword = "s3cr3t-Hush"\n'


def alert(text: str) -> tuple[str, str]:
    return END, f"{END}{text}"


def hook(address: str) -> tuple[str, str]:
    return alert(f'[alert]\nwebhook = "{address}"\n')


def test_nobody_is_told_without_the_section(load: Callable[..., Settings]) -> None:
    assert load().alert.is_set is False
    assert load(alert("[alert]\n")).alert.is_set is False


def test_a_webhook_and_a_mail_server_are_read(load: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_URL", HOOK)
    monkeypatch.setenv("MAIL_PASSWORD", "s3cr3t-Hush")
    settings = load(
        alert(f'[alert]\nwebhook = "${{ALERT_URL}}"\n{MAIL}{SIGN_IN.replace("s3cr3t-Hush", "${MAIL_PASSWORD}")}')
    )
    assert settings.warnings == ()
    assert settings.alert.webhook == HOOK
    mail = settings.alert.mail
    assert mail is not None
    assert (mail.host, mail.port, mail.security, mail.sender) == (
        "smtp.acme.example",
        587,
        "starttls",
        "night@acme.example",
    )
    assert mail.to == ("data@acme.example", "boss@acme.example")
    assert (mail.user, mail.password) == ("night", "s3cr3t-Hush")


def test_secrets_written_out_are_warned_of_and_never_shown(load: Callable[..., Settings]) -> None:
    settings = load(alert(f'[alert]\nwebhook = "{HOOK}"\n{MAIL}{SIGN_IN}'))
    assert settings.warnings == (
        '[alert]: webhook is a secret; keep it out of the file: webhook = "${NAME}"',
        '[alert.mail]: password is a secret; keep it out of the file: password = "${NAME}"',
    )
    shown = [*settings.warnings, repr(settings), repr(settings.alert), repr(settings.model_dump())]
    assert all("s3cr3t" not in text for text in shown)


def test_whom_to_tell_changes_no_fingerprint(load: Callable[..., Settings]) -> None:
    assert load().fingerprint() == load(alert(f'[alert]\nwebhook = "{HOOK}"\n{MAIL}')).fingerprint()


@pytest.mark.parametrize(
    "address",
    ["hooks.example/s3cr3t", "ftp://hooks.example/s3cr3t", "https:///s3cr3t", "https://u:s3cr3t@hooks.example/",
     "https://hooks.example/a b?s3cr3t", "https://hooks.example/#s3cr3t", "https://hooks.example:99999/s3cr3t",
     "https://hooks.example:0/s3cr3t", "file:///etc/s3cr3t", "https://hooks.example/ā-s3cr3t", "s3cr3t\\nx"],
)  # fmt: skip
def test_a_webhook_that_is_no_web_address_is_refused_unseen(
    problems_of: Callable[..., list[str]], address: str
) -> None:
    (problem,) = problems_of(hook(address))
    assert problem.startswith("[alert]: webhook: ")
    assert "allowed: " in problem
    assert "s3cr3t" not in problem


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"smtp.acme.example"', '"smtp://acme"', "mail.host: not a host; found 'smtp://acme'"),
        ('"smtp.acme.example"', "5", "mail.host: must be a text in quotes; found 5"),
        ("night@", "night", "mail.from: not a mail address"),
        ("boss@acme.example", "The boss <boss@acme.example>", "mail.to (2nd): not a mail address"),
        ('["data@acme.example", "boss@acme.example"]', '"boss@acme.example"', "mail.to: not a list of mail addresses"),
        ('["data@acme.example", "boss@acme.example"]', "[]", "mail.to: not a list of mail addresses"),
        ('host = "smtp.acme.example"\n', "", "mail.host: missing"),
        ("from =", "sender =", "mail.sender: unknown key"),
        ("host =", "port = 0\nhost =", "mail.port: too small; found 0"),
        ("host =", 'port = "587"\nhost =', "mail.port: must be a whole number"),
        ("host =", 'security = "ssl"\nhost =', "mail.security: value not allowed; found 'ssl'"),
        ("host =", 'user = "night"\nhost =', "mail: only one of user and password given"),
        ("host =", 'password = "s3cr3t"\nhost =', "mail: only one of user and password given"),
        ("host =", f'security = "none"\n{SIGN_IN}host =', "mail: a password would be sent in the clear"),
        ("host =", 'user = "night"\npassword = ""\nhost =', "mail.password: empty text"),
    ],
)
def test_a_mistake_in_the_mail_server_is_named(
    problems_of: Callable[..., list[str]], old: str, new: str, problem: str
) -> None:
    assert MAIL.count(old) == 1
    problems = problems_of(alert(MAIL.replace(old, new)))
    assert any(text.startswith(f"[alert]: {problem}") for text in problems), problems
    assert all("s3cr3t" not in text for text in problems)


def test_a_mail_server_that_is_no_table_is_refused(problems_of: Callable[..., list[str]]) -> None:
    (problem,) = problems_of(alert('[alert]\nmail = "boss@acme.example"\n'))
    assert problem.startswith("[alert]: mail: must be a table")


def test_whom_to_tell_is_found_in_a_file_that_is_wrong_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "journeys.toml"
    file.write_text(f'[bots]\nx = "${{NOT_SET}}"\n{MAIL}', encoding="utf-8")
    found = load_alert(file)
    assert found.mail is not None
    assert found.is_set


@pytest.mark.parametrize(
    "text", ["[alert]\nwebhook = 5\n", '[alert]\nwebhook = "${NOT_SET}"\n', "alert = 5\n", "[alert\n"]
)
def test_a_wrong_section_is_an_error_of_its_own(tmp_path: Path, text: str) -> None:
    file = tmp_path / "journeys.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_alert(file)
    assert len(caught.value.problems) == 1
