"""An encrypted connection is to the server that the certificate is for, or to none."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from pkg.clock import SystemClock
from pkg.db import Config, Database, Tls, Unavailable
from pkg.db.given import IMPATIENT, server_of
from pkg.dockertest import Scope
from pkg.dockertest.mysql import MySQL, MySQLServer

DAY = timedelta(days=1)
# A name of this machine. The client library takes 127.0.0.1 for safe, and asks it for no name.
HERE = "127.1"


@dataclass(frozen=True)
class Authority:
    """Signs certificates; its own is in a file."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    path: Path


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def builder(subject: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = SystemClock().now()
    return (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
    )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """One that nobody else knows."""
    key = ec.generate_private_key(ec.SECP256R1())
    ca = x509.BasicConstraints(ca=True, path_length=None)
    certificate = (
        builder("authority", "authority", key).add_extension(ca, True).sign(key, hashes.SHA256())
    )
    path = tmp_path / "ca.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Authority(key, certificate, path)


def certify(server: MySQLServer, authority: Authority, name: str) -> None:
    """Gives a server a certificate for a name."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName(name)])
    certificate = (
        builder("server", "authority", key)
        .add_extension(names, False)
        .sign(authority.key, hashes.SHA256())
    )
    files = {
        "key": key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        "cert": certificate.public_bytes(serialization.Encoding.PEM),
        "ca": authority.path.read_bytes(),
    }
    with server.client() as client, client.cursor() as cursor:
        for name, content in files.items():
            path = f"/tmp/{name}.pem"
            script = f"umask 077; printf %s '{content.decode()}' > {path}"
            assert server.container.exec(["sh", "-c", script]).status == 0
            cursor.execute(f"SET GLOBAL ssl_{name} = '{path}'")
        cursor.execute("ALTER INSTANCE RELOAD TLS")


def database(server: MySQLServer, ca: Path | None) -> Database:
    config = Config(
        primary=replace(server_of(server), host=HERE), tls=Tls(ca=ca), timeouts=IMPATIENT
    )
    return Database(config, clock=SystemClock())


def test_a_server_with_its_certificate_is_spoken_to(
    dockertest: Scope, authority: Authority
) -> None:
    """Encrypted, idle connections are still told from dead ones."""
    server = dockertest.start(MySQL())
    certify(server, authority, HERE)
    with database(server, authority.path) as db:
        numbers = set()
        for _ in range(3):
            with db.read() as connection:
                cipher = connection.execute(text("SHOW STATUS LIKE 'Ssl_cipher'")).one()[1]
                numbers.add(connection.scalar(text("SELECT CONNECTION_ID()")))
            assert cipher
        assert len(numbers) == 1
        assert db.transaction(lambda connection: connection.scalar(text("SELECT 1"))) == 1


def test_a_server_with_anothers_certificate_is_refused(
    dockertest: Scope, authority: Authority
) -> None:
    """For another name, or by an authority that is not known."""
    server = dockertest.start(MySQL())
    certify(server, authority, "db.example.com")
    with database(server, authority.path) as db, pytest.raises(Unavailable, match="2026"):
        db.read(lambda connection: None)
    certify(server, authority, HERE)
    with database(server, None) as db, pytest.raises(Unavailable, match="2026"):
        db.read(lambda connection: None)
