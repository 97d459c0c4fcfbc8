# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploaded certificates: PEM in, validity window out; what the vendor refuses."""

from __future__ import annotations

import re

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .accounts import CertificateWindow

# A form value that was not percent-encoded arrives with a space for each "+". Lenient PEM readers
# skip spaces; a vendor that did would store another certificate than the one sent.
_SPACE_IN_BASE64 = re.compile(r"^(?!-----)(?!.*:).*\S +\S", re.MULTILINE)


class BadCertificateError(ValueError):
    """The certificate or the key cannot be used; the text says which and why."""


def read_certificate(certificate: str, private_key: str) -> CertificateWindow:
    """The window of the first certificate, once the key has been found to be its own."""
    for what, pem in (("certContent", certificate), ("certKey", private_key)):
        if _SPACE_IN_BASE64.search(pem):
            raise BadCertificateError(f"{what} is not PEM")
    try:
        leaf = x509.load_pem_x509_certificates(certificate.encode())[0]
    except ValueError:
        raise BadCertificateError("certContent is not PEM") from None
    try:
        key = serialization.load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError):  # TypeError: the key is encrypted
        raise BadCertificateError("certKey is not PEM") from None
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != leaf.public_key().public_bytes(*form):
        raise BadCertificateError("certKey does not belong to certContent")
    return CertificateWindow(
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
        sha256=leaf.fingerprint(hashes.SHA256()).hex(),
    )
