# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a certificate says, and which issued which. Private to this collection.

Shared by the checks before an upload (``bundle``) and the look at what is served (``_tls``),
so that both mean the same by a covered name and by a chain. Works with cryptography 3.4 and later.
"""

from __future__ import annotations

import traceback
import typing as t
from datetime import timezone

from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import Validity

CRYPTOGRAPHY_IMPORT_ERROR: str | None = None
try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
except ImportError:
    CRYPTOGRAPHY_IMPORT_ERROR = traceback.format_exc()

if t.TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa


class Unreadable(Exception):
    """Bytes that are no certificate, or a damaged one."""


def load(der: bytes) -> x509.Certificate:
    """A certificate from its DER form.

    :raises Unreadable: also for what cryptography would find only later, when it is asked for.
    """
    try:
        cert = x509.load_der_x509_certificate(der)
        public_der(cert)
        dns_names(cert)
        subject(cert)
        issuer(cert)
    except Exception as exc:
        # Damaged certificates raise many kinds of exceptions, other ones in each release.
        raise Unreadable(type(exc).__name__) from None
    return cert


def subject(cert: x509.Certificate) -> str:
    """Who a certificate is for, as RFC 4514 text, e.g. ``CN=track.example.com,O=Example``.

    Today's authorities may leave the subject empty: then it is the first DNS name.
    """
    return cert.subject.rfc4514_string() or next(iter(dns_names(cert)), "without a subject")


def issuer(cert: x509.Certificate) -> str:
    """Who issued a certificate, as RFC 4514 text."""
    return cert.issuer.rfc4514_string()


def validity(cert: x509.Certificate) -> Validity:
    """A certificate's window."""
    if hasattr(cert, "not_valid_before_utc"):  # cryptography 42; the other is deprecated since
        return Validity(cert.not_valid_before_utc, cert.not_valid_after_utc)
    return Validity(
        cert.not_valid_before.replace(tzinfo=timezone.utc),
        cert.not_valid_after.replace(tzinfo=timezone.utc),
    )


def dns_names(cert: x509.Certificate) -> list[str]:
    """The DNS names among the subject alternative names.

    The common name is left out: clients ignore it (RFC 9525, section 2).
    """
    try:
        extension = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return list(extension.value.get_values_for_type(x509.DNSName))


def public_der(
    holder: x509.Certificate
    | rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey,
) -> bytes:
    """The public key of a certificate or a private key, in the one form that can be compared."""
    return holder.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def covers(names: t.Iterable[str], name: str) -> bool:
    """Whether one of a certificate's DNS names covers a host name (RFC 9525, section 6.3).

    A wildcard is the whole left-most label and stands for exactly one label. As in OpenSSL, at
    least two labels must follow it, so that ``*.com`` covers nothing.
    """
    host = name.rstrip(".").lower()
    parent = host.partition(".")[2]
    wanted = {host, f"*.{parent}"} if "." in parent else {host}
    return any(presented.rstrip(".").lower() in wanted for presented in names)


def issued(by: x509.Certificate, cert: x509.Certificate) -> bool:
    """Whether ``by`` issued ``cert``: the names fit and, with cryptography 40, the signature too.

    The signature matters where a private authority was made anew under its old name.
    """
    if cert.issuer != by.subject:
        return False
    if not hasattr(cert, "verify_directly_issued_by"):
        return True
    try:
        cert.verify_directly_issued_by(by)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True


def self_signed(cert: x509.Certificate) -> bool:
    return issued(cert, cert)


def chain_of(
    leaf: x509.Certificate, others: t.Iterable[x509.Certificate]
) -> list[x509.Certificate]:
    """The leaf, its issuer, the issuer's issuer and so on, as far as ``others`` reach.

    Where one certificate has several issuers (a cross-signed one), all follow, level by level. What
    does not belong to the leaf is not in the list.
    """
    rest = [other for other in others if other != leaf]
    found = [leaf]
    for cert in found:  # grows as it goes
        above = [other for other in rest if issued(other, cert)]
        found += above
        rest = [other for other in rest if other not in above]
    return found
