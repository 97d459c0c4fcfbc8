# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what a TLS server showed to a status and a reason; no I/O. Private to this collection."""

from __future__ import annotations

import ssl
import typing as t
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.mailops.email.plugins.module_utils._certificates import fields
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import few
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import (
    Validity,
    iso,
)

if t.TYPE_CHECKING:
    from cryptography import x509

# OpenSSL's codes of a failed verification (X509_V_ERR_... in its X509_STORE_CTX_get_error(3)). It
# looks at the chain first, then at the name, then at the dates, and reports the first fault.
_NO_ISSUER = (2, 20, 21)
_NOT_YET_VALID = 9
_EXPIRED = 10
_SELF_SIGNED = 18
_ROOT_SERVED = 19
_WRONG_NAME = 62


@dataclass(frozen=True)
class TlsRequest:
    """A host to probe.

    :param name: in normal form; sent as SNI.
    :param uploaded: the window that the provider shows for the uploaded certificate, if any.
    """

    name: str
    uploaded: Validity | None = None


@dataclass(frozen=True)
class Served:
    """What a server showed.

    :param protocol: e.g. ``TLSv1.3``.
    :param certificates: as they were sent, the leaf first.
    :param whole: False where Python tells the leaf alone (before 3.10).
    """

    protocol: str | None
    certificates: tuple[x509.Certificate, ...]
    whole: bool = True

    @property
    def chain(self) -> list[x509.Certificate]:
        return fields.chain_of(self.certificates[0], self.certificates[1:])


@dataclass(frozen=True)
class TlsFinding:
    """What a recipient's client sees at a tracking host.

    :param status: ``ok``; else the first fault in the order in which a client meets them:
        ``unresolved`` (no address, or not known), ``refused`` (no connection), ``timeout``, ``handshake_failed``
        (no TLS, or none for this name), ``self_signed``, ``incomplete_chain`` (no trusted root
        issued the leaf, and the server does not send the certificate of who did), ``untrusted``
        (any other chain that leads to no trusted root), ``wrong_name``, ``not_yet_valid``,
        ``expired``. Before Python 3.10 an incomplete chain is ``untrusted``, since Python tells the
        leaf alone.
    :param reason: sentences for people; names further faults too.
    :param address: the one that answered; the last one tried where none did.
    :param subject: of the leaf, as RFC 4514 text; so is ``issuer``.
    :param names: the leaf's DNS names.
    :param chain_trusted: the chain leads to a trusted root, whatever the name and the leaf's dates.
    :param name_matches: the leaf covers the host's name.
    :param matches_uploaded: the leaf's window is that of the uploaded certificate.

    The facts are None (``names`` empty) where no certificate was seen, and ``matches_uploaded``
    also where nothing is known about an uploaded one.
    """

    status: str
    reason: str
    address: str | None = None
    protocol: str | None = None
    subject: str | None = None
    issuer: str | None = None
    names: tuple[str, ...] = ()
    validity: Validity | None = None
    days_left: int | None = None
    chain_trusted: bool | None = None
    name_matches: bool | None = None
    matches_uploaded: bool | None = None

    def as_result(self) -> dict[str, t.Any]:
        """The return value ``tls``; times are RFC 3339 text in UTC."""
        return {
            "status": self.status,
            "reason": self.reason,
            "address": self.address,
            "protocol": self.protocol,
            "subject": self.subject,
            "issuer": self.issuer,
            "names": list(self.names),
            "not_before": iso(self.validity.not_before) if self.validity else None,
            "not_after": iso(self.validity.not_after) if self.validity else None,
            "days_left": self.days_left,
            "chain_trusted": self.chain_trusted,
            "name_matches": self.name_matches,
            "matches_uploaded": self.matches_uploaded,
        }


def diagnose(
    request: TlsRequest,
    *,
    address: str,
    served: Served | None,
    refusal: ssl.SSLCertVerificationError | None,
    now: datetime,
) -> TlsFinding:
    """Judge a server that speaks TLS.

    :param served: None where its certificate could not be had or read.
    :param refusal: why a client does not accept it; None where it does.
    """
    if served is None:
        status, reason = ("ok", "The handshake succeeded.")
        if refusal:
            status, reason = (_status(refusal, None), f"A client refuses: {_words(refusal)}.")
        return TlsFinding(status, reason, address)
    leaf = served.certificates[0]
    names = fields.dns_names(leaf)
    window = fields.validity(leaf)
    matches = request.uploaded.is_of(window) if request.uploaded else None
    faults = _faults(request.name, refusal, served, now)
    sentences = list(faults.values()) or [
        f"The certificate is trusted, and valid until {iso(window.not_after)}."
    ]
    if matches is False:
        sentences.append(
            "It is not the certificate that was uploaded: the provider has not installed that one "
            "yet, or another server answers at this address."
        )
    return TlsFinding(
        status=_status(refusal, served),
        reason=" ".join(sentences),
        address=address,
        protocol=served.protocol,
        subject=fields.subject(leaf),
        issuer=fields.issuer(leaf),
        names=tuple(names),
        validity=window,
        days_left=window.days_left(now),
        chain_trusted="chain" not in faults,
        name_matches="name" not in faults,
        matches_uploaded=matches,
    )


def _status(refusal: ssl.SSLCertVerificationError | None, served: Served | None) -> str:
    if refusal is None:
        return "ok"
    if refusal.verify_code in _NO_ISSUER and served and served.whole and len(served.chain) == 1:
        return "incomplete_chain"
    return {
        _NOT_YET_VALID: "not_yet_valid",
        _EXPIRED: "expired",
        _SELF_SIGNED: "self_signed",
        _WRONG_NAME: "wrong_name",
    }.get(refusal.verify_code, "untrusted")


def _faults(
    name: str, refusal: ssl.SSLCertVerificationError | None, served: Served, now: datetime
) -> dict[str, str]:
    """Every fault as a sentence, under ``chain``, ``name`` or ``dates``; that of the status first.

    OpenSSL stops at the first; a host with a default certificate often has all three.
    """
    if refusal is None:
        return {}
    leaf = served.certificates[0]
    faults = {}
    chain = _chain_fault(refusal, served, now)
    if chain:
        faults["chain"] = chain
    names = fields.dns_names(leaf)
    if refusal.verify_code == _WRONG_NAME or not fields.covers(names, name):
        known = few(names) or "no DNS name"
        faults["name"] = f"The certificate is for {known}. Upload one that covers {name}."
    dates = _dates_fault(leaf, now)
    if dates:
        faults["dates"] = f"The certificate {dates}."
        if now > fields.validity(leaf).not_after:
            faults["dates"] += " Upload a renewed one."
    return faults


def _dates_fault(cert: x509.Certificate, now: datetime) -> str | None:
    window = fields.validity(cert)
    if now < window.not_before:
        return f"is not yet valid: it starts at {iso(window.not_before)}"
    if now > window.not_after:
        return f"expired at {iso(window.not_after)}"
    return None


def _chain_fault(
    refusal: ssl.SSLCertVerificationError, served: Served, now: datetime
) -> str | None:
    code = refusal.verify_code
    leaf = served.certificates[0]
    if code == _WRONG_NAME or (code in (_EXPIRED, _NOT_YET_VALID) and _dates_fault(leaf, now)):
        return None
    if code in (_EXPIRED, _NOT_YET_VALID):
        for cert in served.chain[1:]:
            fault = _dates_fault(cert, now)
            if fault:
                return f"The issuer's certificate {fields.subject(cert)} {fault}."
        return f"In the chain of issuers a {_words(refusal)}."
    if code == _SELF_SIGNED:
        return (
            f"The certificate {fields.subject(leaf)} is self-signed, and clients do not trust it; "
            "it may be the server's default."
        )
    top = served.chain[-1]
    if code == _ROOT_SERVED:
        root = f"the root {fields.subject(top)}" if served.whole else "a root"
        return (
            f"The chain leads to {root}, which is not trusted. A private root belongs in ca_path."
        )
    if code not in _NO_ISSUER:
        return f"A client refuses the chain: {_words(refusal)}."
    issuer = fields.issuer(top)
    if not served.whole or len(served.chain) > 1:
        return (
            f"The chain ends at the issuer {issuer}, which is not trusted: it is a private root "
            "(name it in ca_path), or the server does not send all intermediate certificates."
        )
    return (
        f"The server does not send the certificate of the issuer {issuer}. Upload the certificate "
        "with its chain (certbot's fullchain.pem). A private root belongs in ca_path."
    )


def _words(refusal: ssl.SSLCertVerificationError) -> str:
    """OpenSSL's words for it."""
    return refusal.verify_message or "certificate verify failed"


def unresolved(name: str, exc: OSError | TrackingError) -> str:
    """Why it is not known whether a name has an address, in a sentence."""
    words = exc.message if isinstance(exc, TrackingError) else exc.strerror
    return (
        f"{name} could not be resolved, because the name servers gave no answer "
        f"({words or type(exc).__name__}): try again later, or from a host that can reach them."
    )


def handshake_failure(exc: OSError) -> str:
    """Why there is no TLS, in a sentence."""
    reason = str(getattr(exc, "reason", None) or "")
    if any(sign in reason for sign in ("WRONG_VERSION", "RECORD_LAYER", "PACKET_LENGTH")):
        return "The server at this port does not speak TLS; perhaps it speaks plain HTTP."
    if "PROTOCOL" in reason:
        return "The server offers no TLS version that today's clients accept (1.2 or later)."
    broken_off = not isinstance(exc, ssl.SSLError) or isinstance(
        exc, (ssl.SSLEOFError, ssl.SSLZeroReturnError)
    )
    if broken_off or "ALERT" in reason or "UNRECOGNIZED_NAME" in reason:
        words = reason.replace("_", " ").lower() or "it closes the connection"
        return (
            f"The server aborts the handshake ({words}): often it has no certificate for this "
            "name, or the provider has not installed it yet."
        )
    return f"The handshake failed: {reason.replace('_', ' ').lower() or type(exc).__name__}."
