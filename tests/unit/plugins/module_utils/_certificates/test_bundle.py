# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is refused before an upload, with which words, and in which form the rest is sent."""

from __future__ import annotations

import itertools
import random
import re
import traceback
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa
from cryptography.x509.oid import NameOID

from ansible_collections.mailops.email.plugins.module_utils._certificates.bundle import (
    CertificateBundle,
    load_bundle,
)
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import Validity
from ansible_collections.mailops.email.tests.support.certificates import (
    DAY,
    Authority,
    Issued,
    key_pem,
    now,
    pem,
    self_signed,
)

NAME = "track.example.com"
NOW = now()
ROOT = Authority.root()
MIDDLE = ROOT.intermediate()
UPPER = ROOT.intermediate("Upper")
LOWER = UPPER.intermediate("Lower")
GOOD = MIDDLE.issue(NAME)
DEEP = LOWER.issue(NAME)


def load(certificate: str = GOOD.fullchain, key: str = GOOD.key, **other: Any) -> CertificateBundle:
    arguments = {"name": NAME, "now": NOW, **other}
    return load_bundle(certificate=certificate, private_key=key, **arguments)


def secrets(*texts: str) -> set[str]:
    """The lines that make up a key: none of them may show anywhere."""
    return {line for text in texts for line in text.split() if len(line) > 20 and "-" not in line}


def refusal(certificate: str = GOOD.fullchain, key: str = GOOD.key, **other: Any) -> str:
    """What the user reads; and nobody reads a key, neither there nor in a traceback."""
    with pytest.raises(TrackingError) as caught:
        load(certificate, key, **other)
    error = caught.value
    assert error.code == "validation"
    shown = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    shown += f"{error!r} {error.as_failure()}"
    assert not [line for line in secrets(key, certificate) if line in shown]
    return str(error)


# What is right


@pytest.mark.parametrize("kind", ["rsa", "ecdsa", "ed25519"])
def test_every_kind_of_key(kind: str) -> None:
    issued = ROOT.intermediate(kind=kind).issue(NAME, kind=kind)
    bundle = load(issued.fullchain, issued.key)
    assert bundle.certificate == issued.fullchain
    assert bundle.private_key == issued.key
    assert bundle.names == (NAME,)


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_traditional_keys(kind: str) -> None:
    issued = ROOT.issue(NAME, kind=kind)
    key = key_pem(issued.private_key, traditional=True)
    assert load(issued.leaf, key).private_key == key


def test_parameters_before_an_ec_key_are_dropped() -> None:
    parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    assert load(key=parameters + GOOD.key).private_key == GOOD.key


def test_the_key_never_shows() -> None:
    bundle = load()
    assert not [line for line in secrets(GOOD.key) if line in repr(bundle)]
    assert "PRIVATE" not in repr(bundle)


def test_a_wildcard_covers() -> None:
    issued = ROOT.issue("*.example.com", "example.com")
    assert load(issued.leaf, issued.key).names == ("*.example.com", "example.com")


def test_a_subject_may_be_empty() -> None:
    issued = ROOT.issue(NAME, subject="")
    assert load(issued.leaf, issued.key).certificate == issued.leaf


def test_a_self_signed_leaf_is_the_users_choice() -> None:
    issued = self_signed(NAME)
    assert load(issued.leaf, issued.key).certificate == issued.leaf


# The chain

CHAIN = [DEEP.certificate, LOWER.certificate, UPPER.certificate]


@pytest.mark.parametrize("order", list(itertools.permutations(CHAIN)))
def test_any_order_is_put_right(order: tuple[x509.Certificate, ...]) -> None:
    assert load(pem(*order), DEEP.key).certificate == pem(*CHAIN)


@pytest.mark.parametrize("seed", range(4))
def test_roots_and_duplicates_are_dropped(seed: int) -> None:
    mixed = [*CHAIN, *CHAIN, ROOT.certificate, ROOT.certificate]
    random.Random(seed).shuffle(mixed)
    assert load(pem(*mixed), DEEP.key).certificate == pem(*CHAIN)


def test_root_first() -> None:
    assert load(pem(ROOT.certificate, *reversed(CHAIN)), DEEP.key).certificate == pem(*CHAIN)


def test_a_leaf_alone_stays_alone() -> None:
    assert load(GOOD.leaf).certificate == GOOD.leaf


def test_both_ways_of_a_cross_signed_intermediate_stay() -> None:
    other = Authority.root("Other Root")
    crossed = other.certify("Test Intermediate", MIDDLE.private_key)
    given = pem(crossed, GOOD.certificate, MIDDLE.certificate)
    assert load(given).certificate == pem(GOOD.certificate, crossed, MIDDLE.certificate)


def test_a_heap_of_certificates_is_refused_at_once() -> None:
    """To tell which of them issued which takes minutes for thousands."""
    heap = [self_signed(NAME).certificate for _number in range(100)]
    assert "contains 102 certificates" in refusal(GOOD.fullchain + pem(*heap))
    assert "issued neither" in refusal(GOOD.fullchain + pem(*heap[:98]))
    assert "does not belong" in refusal(pem(*heap))


def test_a_stranger_in_the_chain_is_named() -> None:
    stranger = Authority.root("Elsewhere").intermediate("Stranger")
    message = refusal(GOOD.fullchain + pem(stranger.certificate))
    assert "CN=Stranger" in message
    assert f"CN={NAME}" in message
    assert "CN=Test Intermediate" not in message


def test_a_strange_root_is_no_less_a_stranger() -> None:
    assert "CN=Elsewhere" in refusal(GOOD.fullchain + pem(Authority.root("Elsewhere").certificate))


def test_another_leaf_is_a_stranger() -> None:
    assert "CN=www.example.com" in refusal(GOOD.fullchain + MIDDLE.issue("www.example.com").leaf)


@pytest.mark.skipif(
    not hasattr(x509.Certificate, "verify_directly_issued_by"), reason="needs cryptography 40"
)
def test_an_authority_made_anew_under_its_old_name_is_a_stranger() -> None:
    assert "CN=Test Intermediate" in refusal(GOOD.leaf + pem(ROOT.intermediate().certificate))


def test_a_whole_trust_store_is_not_listed_in_full() -> None:
    store = pem(*(Authority.root(f"Root {number}").certificate for number in range(8)))
    message = refusal(GOOD.fullchain + store)
    assert "CN=Root 0" in message
    assert "and 3 more" in message


# The text


def test_text_between_the_blocks_is_dropped() -> None:
    text = f"Bag Attributes\n  subject=/CN=x\n{GOOD.leaf}\n# chain\n{GOOD.chain}# end"
    bundle = load(text, f"Key Attributes: <No Attributes>\n{GOOD.key}")
    assert bundle.certificate == GOOD.fullchain
    assert bundle.private_key == GOOD.key


@pytest.mark.parametrize(
    "mangle",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.rstrip("\n"),
        lambda text: "\n\n" + text.replace("\n", "   \n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\\n"),  # an environment variable's idea of newlines
        lambda text: text.replace("\n", " "),  # a folded YAML scalar
        lambda text: text.replace("\n", "\n    "),
    ],
    ids=[
        "crlf",
        "cr",
        "no final newline",
        "trailing blanks",
        "bom",
        "escaped",
        "folded",
        "indented",
    ],
)
def test_mangled_newlines_are_put_right(mangle: Any) -> None:
    bundle = load(mangle(GOOD.fullchain), mangle(GOOD.key))
    assert (bundle.certificate, bundle.private_key) == (GOOD.fullchain, GOOD.key)


@pytest.mark.parametrize("text", ["", "no PEM", "/etc/letsencrypt/live/x/fullchain.pem"])
def test_not_pem(text: str) -> None:
    message = refusal(certificate=text)
    assert "the certificate is not PEM" in message
    assert "certificate_path" in message
    message = refusal(key=text)
    assert "the private key is not PEM" in message
    assert "private_key_path" in message


def test_cut_off() -> None:
    assert "the certificate is cut off" in refusal(GOOD.fullchain[:-30])
    assert "the certificate is cut off" in refusal(GOOD.leaf[:-30] + GOOD.chain)
    assert "the private key is cut off" in refusal(key=GOOD.key[:-10])


def test_a_line_lost() -> None:
    lines = GOOD.chain.splitlines()
    message = refusal(GOOD.leaf + "\n".join(lines[:3] + lines[4:]))
    assert "block 2 of the certificate cannot be read" in message
    lines = GOOD.key.splitlines()
    assert "the private key cannot be read" in refusal(key="\n".join([lines[0], *lines[2:]]))


def test_not_base64() -> None:
    damaged = re.sub(r"(.{70})[^\n]", r"\1!", GOOD.leaf, count=1, flags=re.DOTALL)
    assert "block 1 of the certificate cannot be read" in refusal(damaged)


# Which is which


def test_the_wrong_way_round() -> None:
    message = refusal(GOOD.key, GOOD.fullchain)
    assert "what was given as the certificate is a private key" in message
    assert "swapped" in message


def test_a_certificate_for_a_key() -> None:
    message = refusal(key=GOOD.fullchain)
    assert "what was given as the private key is a certificate" in message


@pytest.mark.parametrize("text", [GOOD.fullchain + GOOD.key, GOOD.key + GOOD.fullchain])
def test_a_file_with_both(text: str) -> None:
    assert "the certificate contains a private key" in refusal(certificate=text)
    assert "the private key also contains a certificate" in refusal(key=text)


def test_two_keys() -> None:
    assert "2 private keys" in refusal(key=GOOD.key + DEEP.key)


def test_a_request_for_a_certificate() -> None:
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)]))
        .sign(GOOD.private_key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        .decode()
    )
    assert "block 1 of the certificate is a certificate request" in refusal(request)
    assert "the private key is a certificate request" in refusal(key=request)


def test_a_public_key() -> None:
    public = GOOD.private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert "the private key is a public key" in refusal(key=public.decode())


@pytest.mark.parametrize("traditional", [False, True])
def test_an_encrypted_key(traditional: bool) -> None:
    key = key_pem(GOOD.private_key, password="a passphrase", traditional=traditional)
    message = refusal(key=key)
    assert "encrypted" in message
    assert "openssl pkey -in" in message
    assert "encrypted" in refusal(key=key.replace("\n", "\r\n"))


def test_a_key_in_opensshs_format() -> None:
    key = GOOD.private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    message = refusal(key=key.decode())
    assert "OpenSSH" in message
    assert "ssh-keygen -p -m PKCS8" in message


@pytest.mark.parametrize(
    "key",
    [ed448.Ed448PrivateKey.generate(), dsa.generate_private_key(key_size=1024)],
    ids=["ed448", "dsa"],
)
def test_a_key_of_a_kind_that_no_client_takes(key: Any) -> None:
    assert "RSA, ECDSA or Ed25519" in refusal(key=key_pem(key))


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP384R1()),
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
    ],
    ids=["same kind", "same family", "other family"],
)
def test_the_key_of_another_certificate(key: Any) -> None:
    message = refusal(pem(ROOT.certificate) + GOOD.chain + GOOD.leaf, key_pem(key))
    assert f"does not belong to the certificate CN={NAME}" in message


# The name


def test_another_name() -> None:
    message = refusal(name="click.example.com")
    assert f"does not cover click.example.com: it is for {NAME}" in message
    assert "subject alternative name" in message


def test_the_name_is_compared_whole() -> None:
    refusal(name="rack.example.com")
    refusal(name="track.example.com.evil.test")
    refusal(name="a.track.example.com")


def test_a_wildcard_is_one_label() -> None:
    issued = ROOT.issue("*.example.com")
    refusal(issued.leaf, issued.key, name="example.com")
    refusal(issued.leaf, issued.key, name="a.track.example.com")


@pytest.mark.parametrize("names", [(), ("192.0.2.1",)], ids=["no san", "address only"])
def test_the_common_name_is_not_enough(names: tuple[str, ...]) -> None:
    issued = ROOT.issue(*names, subject=NAME)
    message = refusal(issued.leaf, issued.key)
    assert f"does not cover {NAME}" in message
    assert "common name alone is not enough" in message


def test_the_key_of_the_authority_makes_it_the_leaf() -> None:
    assert f"CN=Test Intermediate does not cover {NAME}" in refusal(key=key_pem(MIDDLE.private_key))


# The time

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
END = datetime(2026, 4, 1, tzinfo=timezone.utc)
SPRING: Issued = MIDDLE.issue(NAME, not_before=START, not_after=END)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("moment", [START, END])
def test_both_ends_are_within(moment: datetime) -> None:
    assert load(SPRING.fullchain, SPRING.key, now=moment).validity == Validity(START, END)


def test_not_yet_valid() -> None:
    message = refusal(SPRING.fullchain, SPRING.key, now=START - SECOND)
    assert "not yet valid" in message
    assert "2026-01-01T00:00:00Z" in message
    assert "2025-12-31T23:59:59Z" in message


def test_expired() -> None:
    message = refusal(SPRING.fullchain, SPRING.key, now=END + SECOND)
    assert "has expired" in message
    assert "2026-04-01T00:00:00Z" in message


def test_an_expired_intermediate_is_passed_on() -> None:
    old = ROOT.intermediate(not_before=START - DAY, not_after=START)
    issued = old.issue(NAME)
    assert load(issued.fullchain, issued.key).certificate == issued.fullchain
