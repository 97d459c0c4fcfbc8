# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which names a certificate covers, and which certificate issued which."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.email.plugins.module_utils._certificates import fields as _x509
from ansible_collections.mailops.email.tests.support.certificates import Authority, self_signed


@pytest.mark.parametrize(
    ("presented", "name"),
    [
        ("track.example.com", "track.example.com"),
        ("Track.Example.COM", "track.example.com"),
        ("track.example.com.", "track.example.com"),
        ("*.example.com", "track.example.com"),
        ("*.example.com", "xn--strae-oqa.example.com"),
        ("*.mail.example.com", "track.mail.example.com"),
    ],
)
def test_covers(presented: str, name: str) -> None:
    assert _x509.covers([presented], name)


@pytest.mark.parametrize(
    ("presented", "name"),
    [
        ("example.com", "track.example.com"),
        ("*.example.com", "example.com"),
        ("*.example.com", "a.track.example.com"),
        ("*.example.com", ".example.com.evil.test"),
        ("track.*.com", "track.example.com"),
        ("t*.example.com", "track.example.com"),
        ("*rack.example.com", "track.example.com"),
        ("*.*.com", "track.example.com"),
        ("*.com", "example.com"),
        ("*", "track"),
        ("track.example.com.evil.test", "track.example.com"),
        ("rack.example.com", "track.example.com"),
    ],
)
def test_does_not_cover(presented: str, name: str) -> None:
    assert not _x509.covers([presented], name)


def test_any_of_the_names_will_do() -> None:
    assert _x509.covers(["www.example.com", "track.example.com"], "track.example.com")
    assert not _x509.covers([], "track.example.com")


def test_addresses_are_no_dns_names() -> None:
    cert = self_signed("track.example.com", "192.0.2.1").certificate
    assert _x509.dns_names(cert) == ["track.example.com"]


def test_a_subject_may_be_empty() -> None:
    cert = Authority.root().issue("track.example.com", subject="").certificate
    assert _x509.subject(cert) == "track.example.com"
    assert _x509.issuer(cert) == "CN=Test Root"


def test_bytes_that_are_no_certificate() -> None:
    with pytest.raises(_x509.Unreadable):
        _x509.load(b"\x30\x03\x02\x01\x01")


def test_a_chain_ends_where_the_issuers_end() -> None:
    root = Authority.root()
    middle = root.intermediate()
    issued = middle.issue("track.example.com")
    leaf = issued.certificate
    assert _x509.chain_of(leaf, []) == [leaf]
    assert _x509.chain_of(leaf, [root.certificate]) == [leaf]
    assert _x509.chain_of(leaf, [root.certificate, leaf, middle.certificate]) == [
        leaf,
        middle.certificate,
        root.certificate,
    ]
