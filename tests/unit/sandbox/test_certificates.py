# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates at SendCloud: what is taken, what is refused, and the window that shows."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.mailops.email.tests.unit.sandbox.raw_client import Vendor

PEM = serialization.Encoding.PEM
START = datetime(2026, 1, 1, 20, 0, 30, tzinfo=timezone.utc)


def key_pem(key: ec.EllipticCurvePrivateKey, password: bytes | None = None) -> str:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password)
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, encryption).decode()


def certificate_pem(key: ec.EllipticCurvePrivateKey, start: datetime = START) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "t.example.com")])
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=start,
        not_valid_after=start + timedelta(days=90),
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(PEM).decode()


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def pair(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """A certificate with a "+" in it, as nearly all have."""
    certificate = certificate_pem(key)
    while "+" not in certificate:
        certificate = certificate_pem(key)
    return {"certContent": certificate, "certKey": key_pem(key)}


def window(row: dict[str, Any]) -> tuple[object, ...]:
    return row["https"], row["certiValidityStart"], row["certiValidityEnd"]


def test_a_certificate_travels_with_add(sendcloud: Vendor, pair: dict[str, str]) -> None:
    made = sendcloud.call("add", name="t.example.com", **pair)["info"]["data"]
    assert window(made) == (True, "2026-01-02 04:00:30", "2026-04-02 04:00:30")
    assert [window(row) for row in sendcloud.rows()] == [window(made)]
    leaf = x509.load_pem_x509_certificate(pair["certContent"].encode())
    kept = sendcloud.account.state()["t.example.com"]["certificate"]
    assert kept["sha256"] == leaf.fingerprint(hashes.SHA256()).hex()


def test_renewing_keeps_name_flag_and_id(
    sendcloud: Vendor, key: ec.EllipticCurvePrivateKey, pair: dict[str, str]
) -> None:
    (seeded,) = sendcloud.account.seed("t.example.com", verified=True)
    first = sendcloud.call("update", id=seeded["id"], **pair)["info"]["data"]
    renewed = {
        "certContent": certificate_pem(key, START + timedelta(days=60)),
        "certKey": key_pem(key),
    }
    second = sendcloud.call("update", id=seeded["id"], **renewed)["info"]["data"]
    assert window(first) == (True, "2026-01-02 04:00:30", "2026-04-02 04:00:30")
    assert window(second) == (True, "2026-03-03 04:00:30", "2026-06-01 04:00:30")
    assert (second["id"], second["name"], second["cname"]) == (seeded["id"], "t.example.com", True)


def test_a_rename_keeps_the_certificate(sendcloud: Vendor, pair: dict[str, str]) -> None:
    made = sendcloud.call("add", name="a.example.com", **pair)["info"]["data"]
    renamed = sendcloud.call("update", id=made["id"], name="b.example.com")["info"]["data"]
    assert window(renamed) == window(made)


@pytest.mark.parametrize(
    ("switches", "start"),
    [
        ({"times": "utc"}, "2026-01-01 20:00:30"),
        ({"certificate_seconds": "zeroed"}, "2026-01-02 04:00:00"),
        ({"certificate_seconds": "rounded_up"}, "2026-01-02 04:01:00"),
    ],
)
def test_how_the_window_is_shown(
    sendcloud: Vendor, pair: dict[str, str], switches: dict[str, str], start: str
) -> None:
    sendcloud.account.switch(**switches)
    made = sendcloud.call("add", name="t.example.com", **pair)["info"]["data"]
    assert made["certiValidityStart"] == start


@pytest.mark.parametrize("missing", ["certContent", "certKey"])
def test_one_without_the_other_is_refused(
    sendcloud: Vendor, pair: dict[str, str], missing: str
) -> None:
    (seeded,) = sendcloud.account.seed("a.example.com")
    for parameters in ({missing: None}, {missing: ""}):
        given = {**pair, **parameters}
        assert sendcloud.call("add", name="t.example.com", **given)["statusCode"] == 41015
        assert sendcloud.call("update", id=seeded["id"], **given)["statusCode"] == 41016
    assert sendcloud.account.state()["a.example.com"]["certificate"] is None


def test_what_is_no_pair_is_refused(
    sendcloud: Vendor, key: ec.EllipticCurvePrivateKey, pair: dict[str, str]
) -> None:
    others = key_pem(ec.generate_private_key(ec.SECP256R1()))
    for changes, detail in (
        ({"certContent": "x"}, "certContent is not PEM"),
        ({"certKey": "x"}, "certKey is not PEM"),
        ({"certKey": key_pem(key, b"password")}, "certKey is not PEM"),
        ({"certKey": others}, "certKey does not belong to certContent"),
    ):
        answer = sendcloud.call("add", name="t.example.com", **{**pair, **changes})
        assert answer["statusCode"] == 41015
        assert detail in answer["message"]


def test_pem_that_was_not_percent_encoded_is_bad_pem(
    sendcloud: Vendor, pair: dict[str, str]
) -> None:
    """What `curl -d` does: each "+" arrives as a space."""
    fields = {**sendcloud.credentials, "name": "t.example.com", **pair}
    body = "&".join(f"{name}={value}" for name, value in fields.items())
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = requests.post(sendcloud.url("add"), data=body, headers=headers, timeout=5).json()
    assert answer["statusCode"] == 41015
    assert "is not PEM" in answer["message"]


def test_a_window_can_be_seeded(sendcloud: Vendor) -> None:
    sendcloud.account.seed(
        "t.example.com",
        certificate={"not_before": "2026-01-01T00:00:00", "not_after": "2027-01-01T00:00:00"},
    )
    (row,) = sendcloud.rows()
    assert window(row) == (True, "2026-01-01 08:00:00", "2027-01-01 08:00:00")
