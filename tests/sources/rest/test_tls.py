"""A secret goes over TLS only to a server whose certificate is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from mid_pull import fail
from rest_api import Api, Reply, orders, serving

from journeys.sources import TransientSourceError

DAY = timedelta(days=1)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate of 127.0.0.1, signed by itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]), datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - DAY, now + DAY)
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "certificate.pem"
    file.write_bytes(
        key.private_bytes(*plain) + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    return file


def test_an_unknown_certificate_is_refused_at_once(
    api: Api, nights: Callable[..., Any], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(certificate) as safe:
        safe.answer = lambda _: orders(1, 3)
        own = nights(url=safe.url, auth={"kind": "bearer", "token": "s3cr3t-Hush-77"})
        error = fail(own.pull)
        assert (error.code, safe.asked) == ("certificate", [])
        assert not isinstance(error, TransientSourceError)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert len(own.pull()) == 3


def test_links_to_http_of_a_server_of_https_stay_on_https(
    api: Api, nights: Callable[..., Any], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(certificate) as safe:
        link = f"{safe.url.replace('https', 'http')}/?p=2"
        safe.answer = lambda asked: {"r": orders(4, 5)} if asked.query else {"r": orders(1, 3), "next": link}
        own = nights(url=safe.url, request={"records": "r"}, paging={"kind": "next_link", "next": "next"})
        assert len(own.pull()) == 5
        safe.answer = lambda _: Reply("", 302, {"location": f"{api.url}/"})
        assert fail(own.pull).code == "foreign-address"
        assert api.asked == []
