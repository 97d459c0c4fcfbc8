# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One account in an audit: from what was read to a row for each domain, with its problems. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils._audit.declared import Declaration

Data = t.Dict[str, t.Any]

# The worst first. What a user can have a run fail for; those of a domain are its ``problems`` too.
DANGLING = "dangling"
BROKEN = "broken"
EXPIRING = "expiring"
UNDECLARED = "undeclared"
UNREADABLE = "unreadable"
PROBLEMS = (DANGLING, BROKEN, EXPIRING, UNDECLARED)
REASONS_TO_FAIL = (*PROBLEMS, UNREADABLE)

# The values of a row's ``state``.
PRESENT = "present"  # the provider has it
RETIRING = "retiring"  # the provider has it, and it goes on a day to come
LEAVING = "leaving"  # the provider has it, and it is declared to be gone by now
MISSING = "missing"  # it is declared, and the provider does not have it
GONE = "gone"  # the provider does not have it and nobody wants it, but its record still leads there

# Of a domain as tracking_domain_info returns it.
_TAKEN_OVER = ("id", "verified", "cname", "https", "certificate", "senders", "dns", "tls")


def names_to_seek(listing: Data, declared: Declaration, earlier: t.Iterable[str]) -> list[str]:
    """Names that the account does not have, of which has to be known whether their record leads there.

    :param listing: what ``tracking_domain_info`` said of the whole account.
    :param earlier: names that an earlier report had.
    """
    present = {domain["name"] for domain in listing["tracking_domains"]}
    names = dict.fromkeys([*(declared.names or {}), *earlier])
    return [name for name in names if name not in present]


def account_of(
    host: str,
    listing: Data,
    sought: Data | None,
    declared: Declaration,
    *,
    provider: str | None,
    expires_within: int,
    senders: bool = False,
) -> Data:
    """An account as the report has it.

    :param listing: what ``tracking_domain_info`` said of the whole account; its failure, if it failed.
    :param sought: what it said of ``names_to_seek``; None where there were none.
    :param expires_within: days.
    :param senders: they were asked for.
    :return: ``{host, provider, error, failure, warnings, tracking_domains}``; the domains in no order.
    """
    account: Data = {
        "host": host,
        "provider": provider,
        "error": None,
        "failure": None,
        "warnings": [*declared.problems, *listing.get("warnings", ())],
        "tracking_domains": [],
    }
    if listing.get("failed"):
        return {**account, "error": listing["msg"], "failure": listing.get("failure")}
    sought = sought or {}
    if sought.get("failed"):
        account["warnings"].append(
            f"Names that the account does not have could not be looked at: {sought['msg']}"
        )
        sought = {}
    account["warnings"] += sought.get("warnings", ())
    unread = any(domain.get("senders") is None for domain in listing["tracking_domains"])
    if senders and unread and not listing.get("warnings"):
        # From 2.21 on, ansible-core does not hand on a module's warning.
        account["warnings"].append("It could not be read who uses which domain.")
    found = [*listing["tracking_domains"], *sought.get("tracking_domains", ())]
    rows = [_row_of_present(domain, declared) for domain in found]
    dangling = sought.get("dangling", ())
    for name in sought.get("missing", ()):
        row = _row_of_absent(name, declared, dangling=name in dangling)
        if row:
            row["dns"] = (sought.get("missing_dns") or {}).get(name)
            rows.append(row)
    for row in rows:
        row["problems"] = _problems(row, expires_within)
    account["tracking_domains"] = rows
    return account


def unreadable(host: str, provider: str | None, error: str) -> Data:
    """An account of which nothing could be read."""
    return {
        "host": host,
        "provider": provider,
        "error": error,
        "failure": None,
        "warnings": [],
        "tracking_domains": [],
    }


def _row(name: str, declared: Declaration) -> Data:
    entry = declared.find(name)
    return {
        "name": name,
        **dict.fromkeys(_TAKEN_OVER),
        "declared": None if declared.names is None else entry is not None,
        "retire_on": entry.retire_on if entry else None,
        "state": None,
        "dangling": False,
        "problems": [],
    }


def _row_of_present(domain: Data, declared: Declaration) -> Data:
    row = _row(domain["name"], declared)
    row.update({key: domain.get(key) for key in _TAKEN_OVER})
    entry = declared.find(row["name"])
    if entry and entry.absent:
        row["state"] = LEAVING
    else:
        row["state"] = RETIRING if row["retire_on"] else PRESENT
    return row


def _row_of_absent(name: str, declared: Declaration, *, dangling: bool) -> Data | None:
    row = _row(name, declared)
    row["dangling"] = dangling
    entry = declared.find(name)
    wanted = entry is not None and not entry.absent
    row["state"] = MISSING if wanted else GONE
    return row if wanted or dangling else None


def _problems(row: Data, expires_within: int) -> list[str]:
    days = days_left(row)
    found = {
        DANGLING: row["dangling"],
        BROKEN: _is_broken(row),
        EXPIRING: days is not None and days <= expires_within,
        UNDECLARED: row["declared"] is False and row["state"] == PRESENT,
    }
    return [problem for problem in PROBLEMS if found[problem]]


def _is_broken(row: Data) -> bool:
    """Whether links with this name are known not to work as they should."""
    if row["state"] == MISSING:
        return True
    if row["state"] in (GONE, LEAVING):
        return False
    return not row["verified"] or dns_is_wrong(row) or _tls_is_wrong(row)


def is_unused(row: Data) -> bool:
    """Whether it is verified and known that no mail uses it; no problem, but worth to be seen."""
    return bool(row["state"] == PRESENT and row["verified"] and row["senders"] == [])


def dns_is_wrong(row: Data) -> bool:
    """What is not known never makes a good domain bad."""
    return bool(row["dns"]) and row["dns"]["status"] not in ("ok", "unknown")


def _tls_is_wrong(row: Data) -> bool:
    """Counts where the provider has been told to serve HTTPS."""
    return bool(row["https"] and row["tls"]) and row["tls"]["status"] != "ok"


def days_left(row: Data) -> int | None:
    """Of the certificate that ends first, the uploaded one or the one that is served."""
    days = [part["days_left"] for part in (row["certificate"], row["tls"]) if part]
    return min((number for number in days if number is not None), default=None)
