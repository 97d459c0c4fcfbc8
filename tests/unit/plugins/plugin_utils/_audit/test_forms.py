# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report on a terminal, as a page and for Prometheus. What a vendor says stays data in all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ansible_collections.mailops.email.plugins.plugin_utils._audit.page import (
    as_page,
    load_template,
)
from ansible_collections.mailops.email.plugins.plugin_utils._audit.prometheus import as_prometheus
from ansible_collections.mailops.email.plugins.plugin_utils._audit.report import AuditError
from ansible_collections.mailops.email.plugins.plugin_utils._audit.table import as_text
from ansible_collections.mailops.email.plugins.plugin_utils._audit.text import cell, printable

from .given import CLICK, LINKS, TRACK, account, domain, failed, report, tls

NASTY = '=cmd|"<script>alert(1)</script>\x1b[2J\u202e\n{{ 7 * 7 }}\\'
FINE = report(
    account(domain(TRACK, https=None), host="clean", provider="sendclean"),
    account(domain(LINKS, days=89), host="cloud"),
)


# --- the table -----------------------------------------------------------------------------------


def test_where_all_is_well_the_table_is_all_there_is() -> None:
    assert as_text(FINE, 30).splitlines() == [
        "PROVIDER   NAME               VERIFIED  CNAME                    LIVE DNS  HTTPS                   ACCOUNT",
        "sendclean  track.example.com  yes       -> track2.sendcloud.net  ok        not offered by the API  clean",
        "sendcloud  links.example.com  yes       -> track2.sendcloud.net  ok        yes, 89 days left       cloud",
        "",
        "2 tracking domains in 2 accounts: 2 verified, nothing wrong.",
    ]


def test_one_account_needs_no_name() -> None:
    head, row, *_rest = as_text(report(account(domain(days=3), declared=[])), 30).splitlines()
    assert head.split()[-2:] == ["HTTPS", "PROBLEMS"]
    assert row.endswith("yes, 3 days left  expiring, undeclared")


def test_what_is_wrong_is_told() -> None:
    made = report(
        account(
            domain(TRACK, dns="mismatch"),
            domain(CLICK, days=9, tls=tls("refused", None)),
            domain("new.example.com", verified=False),
            declared=[TRACK, LINKS, CLICK, "new.example.com"],
            sought={"missing": [LINKS, "old.example.com"], "dangling": [LINKS, "old.example.com"]},
        ),
        failed("bad", "Refused.\nTwice."),
    )
    text = as_text(made, 30)
    lines = text.splitlines()
    assert lines[1].split() == ["sendclean", "(all)", "-", "-", "-", "-", "bad", "unreadable"]
    for part in (
        "bad: Refused.\n  Twice.\n",
        f"{TRACK} (one): This is why it is mismatch.\n  To do: {TRACK}. 300 IN CNAME track2.sendcloud.net.",
        f"{CLICK} (one): A client sees refused.",
        "new.example.com (one): The provider has not verified it.",
        f"{LINKS} (one): It is declared, and the provider does not have it.\n  Add it soon",
        "old.example.com (one): The provider does not have it, and its CNAME leads there",
    ):
        assert part in text
    assert "yes, 9 days left, TLS refused" in text


def test_of_very_many_only_the_worst_are_explained() -> None:
    many = [domain(f"d{number}.example.com", dns="missing") for number in range(30)]
    text = as_text(report(account(*many)), 30)
    assert text.count("This is why") == 20
    assert text.endswith("And 10 more, see the files.")


def test_drift_on_a_terminal() -> None:
    now = report(account(domain(dns="loop")), previous=report(account(domain())))
    assert f"Since 2026-06-15T08:00:00Z:\n  {TRACK} (one): dns: ok -> loop" in as_text(now, 30)
    same = report(account(domain()), previous=report(account(domain())))
    assert "Nothing has changed since 2026-06-15T08:00:00Z." in as_text(same, 30)


def nasty() -> Any:
    row = domain(NASTY, dns="mismatch")
    row["dns"].update(reason=NASTY, fix=NASTY)
    row["cname"]["target"] = NASTY
    return report(
        account(row, host=NASTY), failed("bad", NASTY), previous=report(account(host=NASTY))
    )


def test_a_terminal_shows_escapes_and_obeys_none() -> None:
    text = as_text(nasty(), 30)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "\\x1b[2J\\u202e" in text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_a_cell_becomes_no_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell("a" + text) == "a" + text


def test_text_in_other_scripts_stays() -> None:
    assert printable("münchen.例え.com: ok") == "münchen.例え.com: ok"


# --- the page: tests/unit/playbooks has what a browser makes of it -------------------------------


def test_nothing_is_alive_in_the_page() -> None:
    page = as_page(nasty(), load_template(), 30)
    assert page.count("<script") == 1
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ 7 * 7 }}" in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert ">=cmd" not in page


def test_the_page_asks_for_nothing_and_runs_only_what_is_its_own() -> None:
    page, other = (as_page(FINE, load_template(), 30) for _time in range(2))
    assert "default-src 'none'" in page
    for word in ("http:", "https:", "src=", "href=", "@import", "url("):
        assert word not in page
    # A nonce that could be known beforehand would be none.
    assert page.partition("nonce-")[2][:20] != other.partition("nonce-")[2][:20]


def test_a_template_of_one_s_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text(
        "{{ report.counts.broken }}: {% for row in rows %}{{ row.host }} {{ row.why }}{% endfor %}"
    )
    made = report(account(domain(dns="loop"), host="<b>"))
    page = as_page(made, load_template(str(mine)), 30)
    assert page == "1: &lt;b&gt; [&#39;This is why it is loop.&#39;]"


@pytest.mark.parametrize(("text", "why"), [("{% if %}", "is not right"), (None, "cannot be read")])
def test_a_template_that_is_none(tmp_path: Path, text: str | None, why: str) -> None:
    mine = tmp_path / "mine.txt"
    if text is not None:
        mine.write_text(text)
    with pytest.raises(AuditError, match=why):
        load_template(str(mine))


def test_a_template_that_wants_what_there_is_not(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("{{ nothing.at.all }}")
    with pytest.raises(AuditError, match="'nothing' is undefined"):
        as_page(FINE, load_template(str(tmp_path / "mine.txt")), 30)


# --- Prometheus ----------------------------------------------------------------------------------


def samples(made: Any) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    found = {}
    for family in text_string_to_metric_families(as_prometheus(made)):
        assert family.name.startswith("mailops_tracking_domain_")
        assert family.type == "gauge"
        assert family.documentation
        for sample in family.samples:
            key = (
                sample.name.removeprefix("mailops_tracking_domain_"),
                tuple(sorted(sample.labels.items())),
            )
            assert key not in found, "each series once"
            found[key] = sample.value
    return found


def test_metrics() -> None:
    made = report(
        account(
            domain(TRACK, days=41),
            declared=[TRACK, LINKS],
            sought={"missing": [LINKS], "dangling": []},
        ),
        account(domain(CLICK, https=None, dns="unknown"), host="two", provider="sendclean"),
        failed("bad"),
    )
    found = samples(made)
    one, bad = (
        {"account": "one", "provider": "sendcloud"},
        {"account": "bad", "provider": "sendclean"},
    )
    track, links = {**one, "domain": TRACK}, {**one, "domain": LINKS}

    def value(name: str, labels: dict[str, str], **more: str) -> float | None:
        return found.get((name, tuple(sorted({**labels, **more}.items()))))

    assert value("audit_timestamp_seconds", {}) == 1781510400
    assert value("account_readable", one) == 1
    assert value("account_readable", bad) == 0
    assert value("account_domains", one) == 1
    assert value("account_domains", bad) is None
    assert value("verified", track) == 1
    assert value("verified", links) is None
    assert value("dns_status", track, status="ok") == 1
    assert value("certificate_not_after_timestamp_seconds", track) == 1798675200
    assert value("declared", track) == 1
    assert value("problem", links, problem="broken") == 1
    assert value("problem", track, problem="broken") == 0
    assert not [key for key in found if key[0] == "tls_status"]


def test_metrics_of_odd_names() -> None:
    """A name that the account has twice is one series: its worst."""
    found = samples(nasty())
    (name,) = {dict(labels)["domain"] for _name, labels in found if "domain" in dict(labels)}
    assert name.startswith('=cmd|"<script>')
    twice = samples(report(account(domain(), domain(verified=False))))
    labels = {"account": "one", "provider": "sendcloud", "domain": TRACK}
    assert twice["verified", tuple(sorted(labels.items()))] == 0


def test_a_terminal_says_why_the_live_dns_is_unknown_and_what_could_not_be_read() -> None:
    """Nothing is wrong with the domain, and that is what an operator looks for when the DNS is down."""
    made = account(domain(dns="unknown"))
    made["warnings"].append("It could not be read who uses which domain.")
    text = as_text(report(made), 30)
    reason = made["tracking_domains"][0]["dns"]["reason"]
    assert f"{TRACK} (one): {reason}" in text
    assert "one: It could not be read who uses which domain." in text
