# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an account holds, what is missing, what dangles, what expires."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils._engine.inspect import (
    Inspection,
    inspect,
    warnings_of,
)
from ansible_collections.mailops.email.tests.unit.doubles import (
    CLEAN,
    NOW,
    TARGETS,
    FakeDns,
    MemoryProvider,
    domain,
    finding,
    window,
)

A, B, C = (f"{letter}.example.com" for letter in "abc")
GONE = "gone.example.com"


class Tls:
    """A TLS finding with a certificate that has so many days left."""

    def __init__(self, days: int | None) -> None:
        self.days_left = days

    def as_result(self) -> dict[str, Any]:
        return {"status": "ok", "days_left": self.days_left}


def look(
    provider: MemoryProvider,
    names: list[str] | None = None,
    *,
    dns: FakeDns | None = None,
    tls: Any = None,
    expires_within: int | None = None,
) -> dict[str, Any]:
    made = inspect(provider, names, live_dns=dns, tls_probe=tls)  # type: ignore[arg-type]
    return made.as_result(NOW, expires_within)


def cloud(**given: Any) -> MemoryProvider:
    present = [domain(A, 1, **given), domain(B, 2, verified=True)]
    return MemoryProvider(present, forbid=("add", "update", "delete", "check"))


def clean(**given: Any) -> MemoryProvider:
    return MemoryProvider([domain(A, provider="sendclean", **given)], facts=CLEAN)


def test_all_of_them() -> None:
    result = look(cloud())
    assert set(result) == {"changed", "tracking_domains", "missing"}
    assert (result["changed"], result["missing"]) == (False, [])
    assert [each["name"] for each in result["tracking_domains"]] == [A, B]
    assert all("dns" not in each for each in result["tracking_domains"])


def test_by_name_in_the_order_asked_and_missing_is_no_failure() -> None:
    provider = cloud()
    result = look(provider, [GONE, B, A])
    assert [each["name"] for each in result["tracking_domains"]] == [B, A]
    assert result["missing"] == [GONE]
    assert provider.calls == [("list",)]


def test_all_entries_of_a_name_are_shown() -> None:
    present = [
        domain(A, 1, spelling="A.example.com"),
        domain(B, 2),
        domain(A, 3, spelling=A, verified=True),
    ]
    provider = MemoryProvider(present, forbid=("add", "update", "delete", "check"))
    assert [each["id"] for each in look(provider)["tracking_domains"]] == [1, 2, 3]
    by_name = look(provider, [B, A], dns=FakeDns({A: "ok", B: "ok"}))
    assert [each["id"] for each in by_name["tracking_domains"]] == [2, 1, 3]
    assert by_name["missing"] == []


def test_the_flag_and_the_live_dns_side_by_side() -> None:
    result = look(cloud(), dns=FakeDns({A: "ok", B: "mismatch"}))
    told = {e["name"]: (e["verified"], e["dns"]["status"]) for e in result["tracking_domains"]}
    assert told == {A: (False, "ok"), B: (True, "mismatch")}
    assert result["dangling"] == []


@pytest.mark.parametrize(
    ("said", "dangles"),
    [
        ("ok", True),
        ("dangling_target", True),
        (finding("proxied", GONE, points_at_target=True), True),
        ("missing", False),
        ("mismatch", False),
        ("unknown", False),
    ],
)
def test_a_missing_name_that_still_leads_there_dangles(said: Any, dangles: bool) -> None:
    result = look(cloud(), [A, GONE], dns=FakeDns({GONE: said}))
    assert result["missing"] == [GONE]
    assert result["dangling"] == ([GONE] if dangles else [])


def test_the_live_dns_of_missing_names_is_told_with_the_target_of_the_others() -> None:
    result = look(cloud(), [A, GONE], dns=FakeDns({GONE: "missing"}))
    told = result["missing_dns"][GONE]
    assert list(result["missing_dns"]) == [GONE]
    assert (told["status"], told["expected"]) == ("missing", TARGETS["sendcloud"])
    assert set(told) == {"status", "reason", "expected", "found", "fix", "zone"}
    assert look(cloud(), [A], dns=FakeDns({}))["missing_dns"] == {}
    assert "missing_dns" not in look(cloud(), [GONE])


@pytest.mark.parametrize(("known", "warned"), [(True, False), (None, True)])
def test_what_cannot_be_known_is_not_passed_over_in_silence(known: bool, warned: bool) -> None:
    provider = clean()
    said = finding("unknown", GONE, target=None, points_at_target=known)
    made = inspect(
        provider,
        [A, GONE],
        live_dns=FakeDns({GONE: said}),  # type: ignore[arg-type]
        tls_probe=None,
    )
    warnings = warnings_of(made, provider)
    assert bool(warnings) == warned
    assert all(GONE in line and "cname_target" in line for line in warnings)


@pytest.mark.parametrize(
    ("https", "certificate", "served", "warned"),
    [
        (True, None, None, True),
        (True, None, Tls(None), True),
        (True, None, Tls(5), False),
        (True, window(), None, False),
        (False, None, None, False),
    ],
)
def test_a_certificate_that_nobody_has_seen_is_warned_of(
    https: bool, certificate: Any, served: Any, warned: bool
) -> None:
    provider = cloud(https=https, certificate=certificate)
    tls = {A: served} if served else {}
    made = inspect(provider, None, live_dns=None, tls_probe=lambda _domains: tls)
    warnings = warnings_of(made, provider)
    assert bool(warnings) == warned
    assert all(A in line and B not in line for line in warnings)


def test_a_domain_that_is_there_never_dangles() -> None:
    assert look(cloud(), [A], dns=FakeDns({A: "ok"}))["dangling"] == []


@pytest.mark.parametrize("names", [None, [GONE]])
def test_without_a_look_nothing_is_said_of_dangling(names: Any) -> None:
    assert "dangling" not in look(MemoryProvider(), names)


def test_a_look_at_an_empty_account_says_so() -> None:
    assert look(MemoryProvider(), dns=FakeDns())["dangling"] == []


def test_where_a_missing_name_would_have_to_point() -> None:
    """At SendCloud any other domain of the account tells."""
    dns, provider = FakeDns(), cloud()
    look(provider, [GONE], dns=dns)
    assert dns.targets == {GONE: TARGETS["sendcloud"]}
    assert provider.calls == [("list",)]


def test_all_names_are_looked_up_at_once() -> None:
    dns = FakeDns()
    look(cloud(), [A, GONE, B], dns=dns)
    assert [sorted(names) for names in dns.looked] == [sorted([A, B, GONE])]


@pytest.mark.parametrize(
    ("uploaded", "served", "within", "expiring"),
    [
        (20, None, 21, True),
        (21, None, 21, True),
        (22, None, 21, False),
        (-1, None, 0, True),
        (None, None, 9999, False),
        (90, 5, 21, True),
        (5, 90, 21, True),
        (90, 90, 21, False),
        (None, 5, 21, True),
    ],
)
def test_what_expires(
    uploaded: int | None, served: int | None, within: int, expiring: bool
) -> None:
    certificate = window(uploaded, start=-100) if uploaded is not None else None
    provider = cloud(certificate=certificate)

    def tls(domains: Any) -> dict[str, Any]:
        return {A: Tls(served)}

    result = look(provider, [A], tls=tls if served is not None else None, expires_within=within)
    assert result["expiring"] == ([A] if expiring else [])
    assert ("tls" in result["tracking_domains"][0]) == (served is not None)


def test_expiring_is_said_where_it_is_asked_for() -> None:
    assert "expiring" not in look(cloud())
    assert look(clean(), expires_within=30)["expiring"] == []


def test_a_tls_look_without_a_certificate_is_no_harm() -> None:
    inspection = Inspection([domain(A, 1)], [], None, {A: Tls(None)})  # type: ignore[dict-item]
    assert inspection.as_result(NOW, 30)["expiring"] == []
