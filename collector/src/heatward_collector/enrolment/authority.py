"""The certificate authority: one key in one folder, and what it signs.

The folder holds the authority's key (mode 0600; whoever has it can be any node) and certificate,
and a key and certificate for the server side and for the collector's own connection to the broker.
Nodes make their keys themselves: nothing here ever sees one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from heatward_collector.whole_file import put_for_good
from heatward_node.topics import RESERVED_NODE

from ..canary import CANARY_NODE
from ..errors import EnrolmentError

AUTHORITY_DAYS = 20 * 365
"""Cards carry the authority's certificate, so it must outlive them. [d]"""
SERVER_DAYS = 397
NODE_DAYS = 397
"""One heating season and the summer after it, and a month. [d]"""
BACKDATED = timedelta(days=1)
"""A node whose clock is some hours slow shall not find its certificate not yet valid."""
LIST_DAYS = 397
"""A list of revoked certificates that has run out locks everybody out; it is renewed daily. [d]"""
RENEW_BEFORE = timedelta(days=60)
_CURVE = ec.SECP256R1()


class Authority:
    """Signs for nodes, broker and collector from the key in ``folder``."""

    def __init__(self, folder: Path) -> None:
        """Open an authority that was founded. Raises EnrolmentError where there is none."""
        self.folder = folder
        try:
            self._key = private_key(folder / "ca.key")
            self.certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        except (OSError, ValueError) as error:
            raise EnrolmentError(
                f"{folder}: 没有可用的证书机构 / no usable certificate authority ({error}); "
                f"请运行 / run: heatward enrolment init"
            ) from error

    @classmethod
    def found(cls, folder: Path, now: datetime) -> Authority:
        """Make the key and certificate of a new authority, or open the one that is there."""
        if not (folder / "ca.key").exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            key = ec.generate_private_key(_CURVE)
            name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Heatward authority")])
            usage = _usage(signs_certificates=True)
            certificate = (
                _builder(name, name, key.public_key(), now, AUTHORITY_DAYS)
                .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                .add_extension(usage, critical=True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
                .sign(key, hashes.SHA256())
            )
            put_for_good(folder / "ca.pem", certificate.public_bytes(Encoding.PEM))
            # The key is last: a founding that was interrupted before it is simply done again.
            put_for_good(folder / "ca.key", key_pem(key), 0o600)
        return cls(folder)

    @property
    def pem(self) -> str:
        """The authority's certificate, which every card carries."""
        return self.certificate.public_bytes(Encoding.PEM).decode("ascii")

    def sign_node(self, node: str, key: ec.EllipticCurvePublicKey, now: datetime) -> str:
        """Return a certificate (PEM) that lets the owner of ``key`` be ``node``."""
        if node in (RESERVED_NODE, CANARY_NODE):
            raise EnrolmentError(f"{node} 是保留名 / is a reserved name")
        return self._sign(node, key, now, NODE_DAYS, ExtendedKeyUsageOID.CLIENT_AUTH).decode()

    def keep_own(self, server_name: str, now: datetime) -> list[str]:
        """Make or renew those of server, collector and test reading; return which are new."""
        wanted = (
            ("server", server_name, ExtendedKeyUsageOID.SERVER_AUTH),
            ("collector", RESERVED_NODE, ExtendedKeyUsageOID.CLIENT_AUTH),
            ("canary", CANARY_NODE, ExtendedKeyUsageOID.CLIENT_AUTH),
        )
        return [
            name for name, subject, purpose in wanted if self._keep(name, subject, purpose, now)
        ]

    def revocation_list(self, revoked: Iterable[tuple[int, datetime]], now: datetime) -> bytes:
        """Return the list (PEM) of the revoked serial numbers and when they were revoked."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - BACKDATED)
            .next_update(now + timedelta(days=LIST_DAYS))
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        )
        for serial, at in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def _keep(self, name: str, subject: str, purpose: x509.ObjectIdentifier, now: datetime) -> bool:
        path = self.folder / f"{name}.pem"
        if path.exists() and not _is_due(path, subject, now):
            return False
        key = ec.generate_private_key(_CURVE)
        pem = self._sign(subject, key.public_key(), now, SERVER_DAYS, purpose)
        # One file for both: a crash between two writes would leave a key that does not fit.
        put_for_good(path, pem + key_pem(key), 0o600)
        return True

    def _sign(
        self,
        subject: str,
        key: ec.EllipticCurvePublicKey,
        now: datetime,
        days: int,
        purpose: x509.ObjectIdentifier,
    ) -> bytes:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
        builder = (
            _builder(name, self.certificate.subject, key, now, days)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False
            )
        )
        if purpose == ExtendedKeyUsageOID.SERVER_AUTH:
            names = x509.SubjectAlternativeName([_server_name(subject)])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)


def public_bytes(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return a public key as DER (SubjectPublicKeyInfo)."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def read_request(pem: str) -> tuple[str, ec.EllipticCurvePublicKey]:
    """Return name and key of a signing request. Raises ValueError where it is no sound one.

    Its signature proves that whoever made it has the private key.
    """
    request = x509.load_pem_x509_csr(pem.encode("ascii"))
    key = request.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != _CURVE.name:
        raise ValueError("the key must be of the curve P-256")
    if not request.is_signature_valid:
        raise ValueError("the request is not signed by its own key")
    names = request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if len(names) != 1:
        raise ValueError("the request must name one node")
    return str(names[0].value), key


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _server_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _is_due(path: Path, subject: str, now: datetime) -> bool:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return name.value != subject or certificate.not_valid_after_utc - now < RENEW_BEFORE


def private_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Read a private key. Raises ValueError where it is none, OSError where it is not there."""
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path} is not a key of an elliptic curve")
    return key


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a private key as PEM, for a file that only its owner reads."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def utc(seconds: float) -> datetime:
    """Return a moment of the injected clock as certificates take it: whole seconds, UTC."""
    return datetime.fromtimestamp(int(seconds), UTC)
