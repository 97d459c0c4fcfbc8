# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as Prometheus text. No I/O here. Private to this collection: no promise is made to others.

The format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format.
Names and units: https://prometheus.io/docs/practices/naming/.
"""

from __future__ import annotations

import typing as t
from datetime import datetime

from ansible_collections.mailops.email.plugins.plugin_utils._audit.accounts import PROBLEMS, Data
from ansible_collections.mailops.email.plugins.plugin_utils._audit.report import worst_first
from ansible_collections.mailops.email.plugins.plugin_utils._audit.text import printable

PREFIX = "mailops_tracking_domain_"
Samples = t.Iterable[t.Tuple[t.Dict[str, t.Any], t.Any]]


def as_prometheus(report: Data) -> str:
    """All gauges. A value that is not known has no sample."""
    return "".join(_family(name, text, samples) for name, text, samples in _families(report))


def _families(report: Data) -> t.Iterator[tuple[str, str, Samples]]:
    accounts = [
        ({"account": account["host"], "provider": account["provider"] or ""}, account)
        for account in report["accounts"]
    ]
    rows = [
        (
            {
                "account": account["host"],
                "provider": account["provider"] or "",
                "domain": row["name"],
            },
            row,
        )
        for account, row in worst_first(report)
    ]

    def of_rows(value: t.Callable[[Data], t.Any]) -> Samples:
        return [(labels, value(row)) for labels, row in rows]

    yield (
        "audit_timestamp_seconds",
        "When the audit was made, in Unix time.",
        [({}, _seconds(report["created_at"]))],
    )
    yield (
        "account_readable",
        "Whether the account could be read.",
        [(labels, account["error"] is None) for labels, account in accounts],
    )
    yield (
        "account_domains",
        "How many tracking domains the account has.",
        [
            (labels, sum(row["cname"] is not None for row in account["tracking_domains"]))
            for labels, account in accounts
            if account["error"] is None
        ],
    )
    yield (
        "verified",
        "Whether the provider has verified the domain.",
        of_rows(lambda row: row["verified"]),
    )
    yield (
        "dns_status",
        "What the live DNS says: the status is a label, the value is always 1.",
        [({**labels, "status": row["dns"]["status"]}, 1) for labels, row in rows if row["dns"]],
    )
    yield (
        "certificate_not_after_timestamp_seconds",
        "When the uploaded certificate ends, in Unix time.",
        of_rows(lambda row: _seconds((row["certificate"] or {}).get("not_after"))),
    )
    yield (
        "served_certificate_not_after_timestamp_seconds",
        "When the certificate that is served ends, in Unix time.",
        of_rows(lambda row: _seconds((row["tls"] or {}).get("not_after"))),
    )
    yield (
        "tls_status",
        "What a TLS client sees: the status is a label, the value is always 1.",
        [({**labels, "status": row["tls"]["status"]}, 1) for labels, row in rows if row["tls"]],
    )
    yield (
        "senders",
        "How many senders use the domain; no sample where that was not read.",
        of_rows(lambda row: None if row["senders"] is None else len(row["senders"])),
    )
    yield (
        "declared",
        "Whether the domain is declared; no sample where nothing is.",
        of_rows(lambda row: row["declared"]),
    )
    yield (
        "problem",
        "Whether the domain has the problem that the label names.",
        [
            ({**labels, "problem": problem}, problem in row["problems"])
            for labels, row in rows
            for problem in PROBLEMS
        ],
    )


def _family(name: str, text: str, samples: Samples) -> str:
    """One metric. Two rows of the same name would be a series twice: the worse of them counts."""
    lines: dict[str, str] = {}
    for labels, value in samples:
        if value is not None:
            series = PREFIX + name + _labels(labels)
            lines.setdefault(series, f"{series} {_number(value)}\n")
    if not lines:
        return ""
    head = f"# HELP {PREFIX}{name} {text}\n# TYPE {PREFIX}{name} gauge\n"
    return head + "".join(lines.values())


def _labels(labels: t.Mapping[str, t.Any]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: t.Any) -> str:
    return printable(value).replace("\\", "\\\\").replace('"', '\\"')


def _number(value: t.Any) -> str:
    return str(int(value))


def _seconds(moment: str | None) -> int | None:
    """RFC 3339 text as Unix time."""
    if moment is None:
        return None
    return int(datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp())
