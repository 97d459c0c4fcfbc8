# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A certificate and its key, checked before anything is sent. Private to this collection.

A provider says little about what is wrong with a certificate, and recipients are the first to see a
bad one; so everything that can be known beforehand is checked here. No message, ``repr`` or
traceback of this file holds any part of a key.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import datetime

from ansible_collections.mailops.email.plugins.module_utils._certificates import fields, pem
from ansible_collections.mailops.email.plugins.module_utils._certificates.fields import (
    CRYPTOGRAPHY_IMPORT_ERROR,
)
from ansible_collections.mailops.email.plugins.module_utils._certificates.pem import (
    invalid,
    read_pem,
)
from ansible_collections.mailops.email.plugins.module_utils._names import few
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import Validity, iso

try:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
except ImportError:
    pass  # CRYPTOGRAPHY_IMPORT_ERROR tells the module layer

__all__ = (
    "CRYPTOGRAPHY_IMPORT_ERROR",
    "CertificateBundle",
    "load_bundle",
    "read_pem",
)


# Each may have issued each other one, which takes a signature to tell; a chain has a handful.
_MOST_CERTIFICATES = 100


@dataclass(frozen=True)
class CertificateBundle:
    """What is sent to a provider, and what is known about it.

    :param certificate: PEM text, the leaf first, then its issuers; without a self-signed root.
    :param private_key: PEM text; never shown.
    :param validity: the leaf's.
    :param names: the leaf's DNS names.
    """

    certificate: str
    private_key: str = field(repr=False)
    validity: Validity
    names: tuple[str, ...]


def load_bundle(
    *, certificate: str, private_key: str, name: str, now: datetime
) -> CertificateBundle:
    """Check a certificate with its chain and its key for the tracking domain ``name``.

    The chain may come in any order, with duplicates, with CRLF, and with text between the blocks. A
    self-signed root is dropped: clients have their own copy (RFC 8446, section 4.4.2). Whether an
    intermediate has expired is not judged: a cross-signed one may have, on purpose.

    :raises TrackingError: ``validation``, saying what is wrong and what to give instead.
    """
    certificates = _certificates(certificate)
    key = _key_block(private_key)
    leaf = _leaf(certificates, _public_half(key))
    _check_name(leaf, name)
    _check_window(leaf, now)
    return CertificateBundle(
        certificate="".join(
            cert.public_bytes(serialization.Encoding.PEM).decode("ascii")
            for cert in _chain(leaf, certificates)
        ),
        private_key=key.pem,
        validity=fields.validity(leaf),
        names=tuple(fields.dns_names(leaf)),
    )


def _certificates(text: str) -> list[x509.Certificate]:
    """Every certificate in a text, once."""
    blocks = pem.blocks(text, option="certificate")
    if all(block.is_key for block in blocks):
        raise invalid(
            "what was given as the certificate is a private key",
            "Perhaps the certificate and the private key were swapped.",
        )
    if any(block.is_key for block in blocks):
        raise invalid(
            "the certificate contains a private key, which would be sent with it",
            "Give only the certificate and its chain here, and the key as the private key.",
        )
    found = [_certificate(block, number) for number, block in enumerate(blocks, 1)]
    certificates = list(dict.fromkeys(found))
    if len(certificates) > _MOST_CERTIFICATES:
        raise invalid(
            f"the certificate contains {len(certificates)} certificates, more than a chain can "
            "have",
            "Give only the certificate and those of its issuers.",
        )
    return certificates


def _certificate(block: pem.Block, number: int) -> x509.Certificate:
    if block.label not in pem.CERTIFICATES:
        raise invalid(
            f"block {number} of the certificate is {block}, not a certificate",
            "Give the certificate that the authority issued, with its chain, as PEM (-----BEGIN "
            "CERTIFICATE-----).",
        )
    try:
        return fields.load(base64.b64decode(block.base64, validate=True))
    except (binascii.Error, fields.Unreadable):
        raise invalid(
            f"block {number} of the certificate cannot be read: damaged, or of an unknown kind",
            "Check it with: openssl x509 -noout -text -in FILE",
        ) from None


def _key_block(text: str) -> pem.Block:
    """The one private key in a text, unencrypted."""
    blocks = pem.blocks(text, option="private_key")
    keys = [block for block in blocks if block.is_key]
    if not keys and blocks[0].label in pem.CERTIFICATES:
        raise invalid(
            "what was given as the private key is a certificate",
            "Perhaps the certificate and the private key were swapped.",
        )
    if not keys:
        raise invalid(
            f"what was given as the private key is {blocks[0]}",
            "Give the unencrypted private key as PEM.",
        )
    if any(block.label in pem.CERTIFICATES for block in blocks):
        raise invalid(
            "the private key also contains a certificate",
            "Give only the key here, and the certificate as the certificate.",
        )
    if len(keys) > 1:
        raise invalid(
            f"there are {len(keys)} private keys, but only one is needed",
            "Give only the key of the certificate.",
        )
    if keys[0].is_encrypted:
        raise invalid(
            "the private key is encrypted with a passphrase",
            "Decrypt it with: (umask 077; openssl pkey -in encrypted.pem -out private.pem), and "
            "keep the result in a file that only its owner can read, or in Ansible Vault.",
        )
    return keys[0]


def _public_half(key: pem.Block) -> bytes:
    """The public key of a private one, in DER; refuses kinds that web servers do not use."""
    if key.label.startswith("OPENSSH"):
        raise invalid(
            f"what was given as the private key is {key}",
            "Convert a copy of it with: ssh-keygen -p -m PKCS8 -N '' -f COPY",
        )
    try:
        private = serialization.load_pem_private_key(key.pem.encode("ascii"), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise invalid(
            "the private key cannot be read: its content is damaged, or its kind is unknown",
            "Check it with: openssl pkey -noout -check -in FILE",
        ) from None
    if not isinstance(
        private, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey)
    ):
        raise invalid(
            "the private key is of a kind that web servers do not use",
            "Use an RSA, ECDSA or Ed25519 key.",
        )
    return fields.public_der(private)


def _leaf(certificates: list[x509.Certificate], public_key: bytes) -> x509.Certificate:
    """The certificate of the key, wherever it stands in the chain."""
    for cert in certificates:
        if fields.public_der(cert) == public_key:
            return cert
    # For the message: the one that issued none of the others.
    issuers = {
        other for other in certificates for cert in certificates if fields.issued(other, cert)
    }
    likely = next((cert for cert in certificates if cert not in issuers), certificates[0])
    raise invalid(
        f"the private key does not belong to the certificate {fields.subject(likely)}",
        "Give the key that was used to request the certificate. After a renewal, give both the new "
        "key and the new certificate.",
    )


def _check_name(leaf: x509.Certificate, name: str) -> None:
    names = fields.dns_names(leaf)
    if fields.covers(names, name):
        return
    hint = f"Request a certificate that has {name} as a subject alternative name (SAN)."
    if names:
        raise invalid(f"the certificate does not cover {name}: it is for {few(names)}", hint)
    raise invalid(
        f"the certificate {fields.subject(leaf)} does not cover {name}: it has no DNS name as a "
        "subject alternative name, and the common name alone is not enough",
        hint,
    )


def _check_window(leaf: x509.Certificate, now: datetime) -> None:
    window = fields.validity(leaf)
    who = f"the certificate {fields.subject(leaf)}"
    if now < window.not_before:
        raise invalid(
            f"{who} is not yet valid: it starts at {iso(window.not_before)}, and now it is "
            f"{iso(now)}",
            "Wait until then, or check the clock of the host that runs the module.",
        )
    if now > window.not_after:
        raise invalid(
            f"{who} has expired: it ended at {iso(window.not_after)}, and now it is {iso(now)}",
            "Renew it, and give the new one.",
        )


def _chain(leaf: x509.Certificate, certificates: list[x509.Certificate]) -> list[x509.Certificate]:
    """The leaf and its issuers in order, without self-signed roots; a stranger is refused."""
    chain = fields.chain_of(leaf, certificates)
    strangers = [fields.subject(cert) for cert in certificates if cert not in chain]
    if strangers:
        raise invalid(
            f"the chain has certificates that issued neither {fields.subject(leaf)} nor one of its "
            f"issuers: {few(strangers)}",
            "Give only the certificate and those of its issuers.",
        )
    return [cert for cert in chain if cert == leaf or not fields.self_signed(cert)]
