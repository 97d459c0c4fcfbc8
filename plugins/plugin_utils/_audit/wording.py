# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an audit says in words, on a terminal as in a page. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils._audit.accounts import (
    BROKEN,
    DANGLING,
    EXPIRING,
    MISSING,
    PRESENT,
    PROBLEMS,
    RETIRING,
    UNDECLARED,
    UNREADABLE,
    Data,
)


def _some(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def summary(report: Data, expires_within: int) -> str:
    """One line of counts."""
    counts = report["counts"]
    shown = {
        DANGLING: "dangling",
        BROKEN: "broken",
        EXPIRING: f"expiring within {_some(expires_within, 'day')}",
        UNDECLARED: "not declared",
        "missing": "declared and not there",
        "unknown": "with an unknown live DNS",
        "retiring": "retiring",
        "unused": "used by nobody",
    }
    parts = [f"{counts['verified']} verified"]
    parts += [f"{counts[key]} {text}" for key, text in shown.items() if counts[key]]
    if counts[UNREADABLE]:
        parts.append(f"{_some(counts[UNREADABLE], 'account')} not readable")
    elif not any(counts[problem] for problem in PROBLEMS):
        parts.append("nothing wrong")
    return (
        f"{_some(counts['tracking_domains'], 'tracking domain')} in "
        f"{_some(counts['accounts'], 'account')}: {', '.join(parts)}."
    )


def why_wrong(row: Data) -> list[str]:
    """What is wrong with a domain beyond what its table row says."""
    lines = []
    claimable = "its CNAME leads there: whoever adds the name there owns its links"
    if row["state"] == MISSING:
        lines.append("It is declared, and the provider does not have it.")
        if row["dangling"]:
            lines.append(f"Add it soon, {claimable}.")
    elif row["dangling"]:
        lines.append(f"The provider does not have it, and {claimable}. Remove the record.")
    dns = row["dns"]
    if dns and dns["status"] != "ok":
        lines.append(dns["reason"])
    elif row["state"] in (PRESENT, RETIRING) and not row["verified"]:
        lines.append("The provider has not verified it.")
    if row["https"] and row["tls"] and row["tls"]["status"] != "ok":
        lines.append(row["tls"]["reason"])
    return lines


def what_to_do(row: Data) -> str | None:
    """The record to publish, or what else is to be done in the DNS; None where nothing is."""
    return row["dns"]["fix"] if row["dns"] else None


def change_as_text(change: Data) -> str:
    who = f"{change['name']} ({change['host']})"
    if change["what"] in ("added", "removed"):
        return f"{who}: {change['what']}"
    return f"{who}: {change['what']}: {_shown(change['before'])} -> {_shown(change['after'])}"


def _shown(value: t.Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)
