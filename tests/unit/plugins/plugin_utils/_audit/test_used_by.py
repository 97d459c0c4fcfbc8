# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who uses a domain, in each form of the report."""

from __future__ import annotations

from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from ansible_collections.mailops.email.plugins.plugin_utils._audit.page import (
    as_page,
    load_template,
)
from ansible_collections.mailops.email.plugins.plugin_utils._audit.prometheus import as_prometheus
from ansible_collections.mailops.email.plugins.plugin_utils._audit.report import failures
from ansible_collections.mailops.email.plugins.plugin_utils._audit.table import as_text

from .given import CLICK, LINKS, TRACK, account, domain, failed, report

READ = report(
    account(
        domain(TRACK, senders=["a", "b", "c", "d"]),
        domain(LINKS, senders=[]),
        domain(CLICK, senders=[], verified=False),
        host="cloud",
    ),
    account(domain("other.example.com"), host="clean", provider="sendclean"),
    failed("bad"),
)


def used_by(made: Any) -> dict[str, str]:
    """The cells of the column in the table, by name."""
    head, *lines = as_text(made, 30).split("\n\n", maxsplit=1)[0].splitlines()
    start, end = head.index("USED BY"), head.index("ACCOUNT")
    return {line.split()[1]: line[start:end].strip() for line in lines}


def test_the_table() -> None:
    assert used_by(READ) == {
        "(all)": "-",
        TRACK: "a, b, c and 1 more",
        LINKS: "nobody",
        CLICK: "nobody",
        "other.example.com": "-",
    }
    assert "1 used by nobody" in as_text(READ, 30)
    assert "USED BY" not in as_text(report(account(domain())), 30)


def test_one_account_needs_no_name() -> None:
    head, *_rest = as_text(report(account(domain(senders=["a"], verified=False))), 30).splitlines()
    assert head.split()[-3:] == ["USED", "BY", "PROBLEMS"]


def test_what_nobody_uses_counts_once_it_is_verified_and_is_to_stay() -> None:
    assert READ["counts"]["unused"] == 1
    retiring = {"name": LINKS, "retire_on": "2026-12-31"}
    made = report(account(domain(LINKS, senders=[]), declared=[retiring]))
    assert made["counts"]["unused"] == 0


def test_it_is_no_problem() -> None:
    made = report(account(domain(LINKS, senders=[])))
    assert made["accounts"][0]["tracking_domains"][0]["problems"] == []
    assert failures(made, ["broken", "expiring", "dangling", "undeclared", "unreadable"]) == []


def test_the_page() -> None:
    page = as_page(READ, load_template(), 30)
    assert "<th>Used by</th>" in page
    assert "a, b, c, d" in page
    assert 'badge warn">nobody<' in page
    assert page.count('data-label="Used by"') == 4
    plain = as_page(report(account(domain())), load_template(), 30)
    assert "Used by" not in plain


def test_the_metric() -> None:
    (family,) = [
        family
        for family in text_string_to_metric_families(as_prometheus(READ))
        if family.name == "mailops_tracking_domain_senders"
    ]
    found = {sample.labels["domain"]: sample.value for sample in family.samples}
    assert found == {TRACK: 4, LINKS: 0, CLICK: 0}


def test_what_has_changed() -> None:
    before = report(account(domain(TRACK, senders=["a"]), domain(LINKS)))
    after = report(
        account(domain(TRACK, senders=[]), domain(LINKS, senders=["b"])), previous=before
    )
    assert after["drift"]["changes"] == [
        {"host": "one", "name": TRACK, "what": "senders", "before": "a", "after": "nobody"}
    ]
