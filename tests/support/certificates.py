# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates for tests: authorities, leaves and keys, good and bad. Never for anything else.

In a test::

    root = Authority.root()
    issued = root.intermediate().issue("track.example.com")
    issued.fullchain, issued.key

From a playbook, with files as certbot leaves them (``live/NAME/privkey.pem`` and so on are links
into ``archive/NAME``); running it again renews, under the same authority: ``ca/root.pem``::

    python tests/support/certificates.py --out DIR --name track.example.com --days 90

A renewal is told by its window, to the minute: renew with other ``--days`` or ``--since``.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KEYS: dict[str, Any] = {
    "ecdsa": lambda: ec.generate_private_key(ec.SECP256R1()),
    "rsa": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}
DAY = timedelta(days=1)


def now() -> datetime:
    """The present, in whole seconds as certificates have it."""
    return datetime.now(timezone.utc).replace(microsecond=0)


def pem(*certificates: x509.Certificate) -> str:
    """Certificates as PEM text, one after the other."""
    return "".join(cert.public_bytes(serialization.Encoding.PEM).decode() for cert in certificates)


def key_pem(key: Any, *, password: str | None = None, traditional: bool = False) -> str:
    """A private key as PEM text: PKCS#8, or the older format of its kind."""
    formats = serialization.PrivateFormat
    encoded: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        formats.TraditionalOpenSSL if traditional else formats.PKCS8,
        serialization.BestAvailableEncryption(password.encode())
        if password
        else serialization.NoEncryption(),
    )
    return encoded.decode()


def common_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)] if text else [])


def alternative_names(names: tuple[str, ...]) -> x509.SubjectAlternativeName:
    """DNS names, and IP addresses where a name is one."""
    entries: list[x509.GeneralName] = []
    for name in names:
        try:
            entries.append(x509.IPAddress(ip_address(name)))
        except ValueError:
            entries.append(x509.DNSName(name))
    return x509.SubjectAlternativeName(entries)


@dataclass(frozen=True)
class Issued:
    """A leaf with its key and the authorities above it, the nearest first, the root last."""

    certificate: x509.Certificate
    private_key: Any
    issuers: tuple[x509.Certificate, ...] = ()

    @property
    def leaf(self) -> str:
        return pem(self.certificate)

    @property
    def chain(self) -> str:
        """The intermediates: what certbot calls chain.pem."""
        return pem(*(cert for cert in self.issuers if cert.issuer != cert.subject))

    @property
    def fullchain(self) -> str:
        """What a server should send: the leaf and the intermediates."""
        return self.leaf + self.chain

    @property
    def root(self) -> str:
        """What a client should trust."""
        return pem((self.certificate, *self.issuers)[-1])

    @property
    def key(self) -> str:
        return key_pem(self.private_key)


@dataclass(frozen=True)
class Authority:
    """Something that issues: a root, or an intermediate with its issuers above it."""

    certificate: x509.Certificate
    private_key: Any
    issuers: tuple[x509.Certificate, ...] = ()

    @classmethod
    def root(cls, name: str = "Test Root", *, kind: str = "ecdsa", **window: Any) -> Authority:
        key = KEYS[kind]()
        return cls(_sign(common_name(name), key.public_key(), key, authority=True, **window), key)

    def intermediate(
        self, name: str = "Test Intermediate", *, kind: str = "ecdsa", **window: Any
    ) -> Authority:
        key = KEYS[kind]()
        return Authority(self.certify(name, key, **window), key, self.lineage)

    def certify(self, name: str, key: Any, **window: Any) -> x509.Certificate:
        """An intermediate's certificate for a key that exists: how authorities are cross-signed."""
        return _sign(
            common_name(name), key.public_key(), self.private_key, self, authority=True, **window
        )

    @property
    def lineage(self) -> tuple[x509.Certificate, ...]:
        """This authority and those above it."""
        return (self.certificate, *self.issuers)

    def issue(
        self,
        *names: str,
        subject: str | None = None,
        kind: str = "ecdsa",
        key: Any = None,
        **other: Any,
    ) -> Issued:
        """A leaf for ``names``; the common name is ``subject``, or else the first name."""
        key = key or KEYS[kind]()
        cn = subject if subject is not None else names[0]
        cert = _sign(
            common_name(cn), key.public_key(), self.private_key, self, names=names, **other
        )
        return Issued(cert, key, self.lineage)


def self_signed(*names: str, kind: str = "ecdsa", **window: Any) -> Issued:
    """A leaf that nobody but itself vouches for."""
    key = KEYS[kind]()
    return Issued(_sign(common_name(names[0]), key.public_key(), key, names=names, **window), key)


def _sign(
    subject: x509.Name,
    public_key: Any,
    signing_key: Any,
    issuer: Authority | None = None,
    *,
    names: tuple[str, ...] = (),
    authority: bool = False,
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
) -> x509.Certificate:
    signer: Any = issuer.certificate.public_key() if issuer else public_key
    no_usages = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before or now() - DAY)
        .not_valid_after(not_after or now() + 90 * DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, key_cert_sign=authority, crl_sign=authority, **no_usages
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
    )
    if not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if names:
        # RFC 5280, 4.2.1.6: critical where the subject is empty.
        builder = builder.add_extension(alternative_names(names), critical=not list(subject))
    algorithm = None if isinstance(signing_key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(signing_key, algorithm)


class Store:
    """A directory as certbot keeps it, plus the authority that issues from it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def authority(self) -> Authority:
        """The one from last time, or a new one."""
        folder = self.directory / "ca"
        if not folder.exists():
            folder.mkdir(parents=True)
            made = Authority.root().intermediate()
            (folder / "root.pem").write_text(pem(made.issuers[-1]))
            (folder / "intermediate.pem").write_text(pem(made.certificate))
            _write_secret(folder / "intermediate.key", key_pem(made.private_key))
        root, intermediate = (
            x509.load_pem_x509_certificate((folder / name).read_bytes())
            for name in ("root.pem", "intermediate.pem")
        )
        key = (folder / "intermediate.key").read_bytes()
        return Authority(
            intermediate, serialization.load_pem_private_key(key, password=None), (root,)
        )

    def save(self, name: str, issued: Issued) -> Path:
        """Write the next version of a certificate, and point ``live`` at it."""
        archive, live = (self.directory / part / name for part in ("archive", "live"))
        archive.mkdir(parents=True, exist_ok=True)
        live.mkdir(parents=True, exist_ok=True)
        number = 1 + len(list(archive.glob("cert*.pem")))
        for part in ("cert", "chain", "fullchain", "privkey"):
            file = archive / f"{part}{number}.pem"
            if part == "privkey":
                _write_secret(file, issued.key)
            else:
                file.write_text(issued.leaf if part == "cert" else getattr(issued, part))
            link = live / f"{part}.pem"
            link.unlink(missing_ok=True)
            link.symlink_to(Path(os.path.relpath(file, live)))
        return live


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Issue a certificate for tests.")
    parser.add_argument("--out", type=Path, required=True, help="directory, laid out as certbot's")
    parser.add_argument("--name", action="append", required=True, help="DNS name; may be repeated")
    parser.add_argument(
        "--days", type=float, default=90, help="until it ends, from now; may be negative"
    )
    parser.add_argument(
        "--since", type=float, default=1, help="days since it began; may be negative"
    )
    parser.add_argument("--kind", choices=sorted(KEYS), default="ecdsa", help="of the key")
    parser.add_argument("--self-signed", action="store_true", help="without an authority")
    options = parser.parse_args(arguments)
    store = Store(options.out)
    issue = self_signed if options.self_signed else store.authority().issue
    issued = issue(
        *options.name,
        kind=options.kind,
        not_before=now() - options.since * DAY,
        not_after=now() + options.days * DAY,
    )
    print(store.save(options.name[0], issued))


if __name__ == "__main__":
    main()
