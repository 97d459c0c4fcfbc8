# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an account has, as the role's list."""

from __future__ import annotations

from typing import Any

import yaml

from ansible_collections.mailops.email.plugins.plugin_utils._export import as_declared


def domain(name: str, *, status: str | None = "ok", days: int | None = None, **more: Any) -> Any:
    certificate = {"days_left": days, "not_after": "2026-12-31T00:00:00Z"}
    dns = {"status": status, "reason": "This is why.", "zone": "example.com"}
    return {
        "name": name,
        "verified": True,
        "certificate": certificate if days is not None else None,
        "dns": dns if status else None,
        **more,
    }


def test_an_account() -> None:
    text = as_declared(
        "newsletter",
        [
            domain("track.example.com", days=41),
            domain("new.example.com", status="missing", verified=False),
            domain("blind.example.com", status=None),
            domain("xn--mnchen-3ya.example.com"),
        ],
    )
    assert text == (
        "---\n"
        "# The tracking domains of newsletter, for the role mailops.email.tracking_domain.\n"
        "# Put this among the variables of the host, beside those that say which account it is.\n"
        "tracking_domain_domains:\n"
        "  - name: blind.example.com\n"
        "  # Not verified. Without verify: false, the role has it verified.\n"
        "  # Live DNS: missing. This is why.\n"
        "  - name: new.example.com\n"
        "    zone: example.com\n"
        "    verify: false\n"
        "  # Certificate: 41 days left, until 2026-12-31T00:00:00Z.\n"
        "  - name: track.example.com\n"
        "    zone: example.com\n"
        "  # münchen.example.com\n"
        "  - name: xn--mnchen-3ya.example.com\n"
        "    zone: example.com\n"
    )


def test_an_account_without_domains() -> None:
    assert yaml.safe_load(as_declared("none", [])) == {"tracking_domain_domains": []}


def test_what_cannot_be_declared_is_a_comment() -> None:
    odd = [
        "a b.example.com",
        "x\n- name: y.example.com",
        "-----BEGIN",
        "Twice.example.com",
        "twice.example.com",
    ]
    text = as_declared("odd\nname", [domain(name) for name in [*odd, "1e5.example.com"]])
    assert yaml.safe_load(text) == {
        "tracking_domain_domains": [{"name": "1e5.example.com", "zone": "example.com"}]
    }
    assert text.count("cannot be declared") == len(odd)
    assert yaml.safe_load(as_declared("odd", [domain(odd[0])])) == {"tracking_domain_domains": []}


def test_what_a_vendor_says_stays_a_comment() -> None:
    nasty = domain("track.example.com", status="loop")
    nasty["dns"]["reason"] = "No.\nevil: true\x1b[2J\u2028- evil: true"
    assert yaml.safe_load(as_declared("h", [nasty])) == {
        "tracking_domain_domains": [{"name": "track.example.com", "zone": "example.com"}]
    }
