# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report on a terminal. No I/O here. Private to this collection: no promise is made to others."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils._names import few
from ansible_collections.mailops.email.plugins.plugin_utils._audit.accounts import (
    UNREADABLE,
    Data,
    days_left,
)
from ansible_collections.mailops.email.plugins.plugin_utils._audit.report import (
    users_as_text,
    worst_first,
)
from ansible_collections.mailops.email.plugins.plugin_utils._audit.text import lines_of, printable
from ansible_collections.mailops.email.plugins.plugin_utils._audit.wording import (
    change_as_text,
    summary,
    what_to_do,
    why_wrong,
)

_HEAD = ("PROVIDER", "NAME", "VERIFIED", "CNAME", "LIVE DNS", "HTTPS")
# Why, for so many of the worst; the files have them all.
_EXPLAINED = 20
_SENDERS = 3


def as_text(report: Data, expires_within: int) -> str:
    """The table over all accounts, worst first, a line of counts, and why what is wrong is wrong."""
    pairs = worst_first(report)
    head = [*_HEAD]
    if any(row["senders"] is not None for _account, row in pairs):
        head.append("USED BY")
    rows = [[*head, "ACCOUNT", "PROBLEMS"]]
    rows += [
        [
            account["provider"] or "-",
            "(all)",
            *("-",) * (len(head) - 2),
            account["host"],
            UNREADABLE,
        ]
        for account in report["accounts"]
        if account["error"] is not None
    ]
    rows += [
        [*_cells(account, row)[: len(head)], account["host"], _problems(row)]
        for account, row in pairs
    ]
    # Without a problem there is nothing to say of them, and one account needs no name.
    if not any(row[-1] for row in rows[1:]):
        rows = [row[:-1] for row in rows]
    if len(report["accounts"]) == 1:
        rows = [row[: len(head)] + row[len(head) + 1 :] for row in rows]
    lines = [*_aligned(rows), "", summary(report, expires_within)]
    explained = _explained(report, pairs)
    drift = _drift(report)
    for part in (explained, drift):
        if part:
            lines += ["", *part]
    return "\n".join(lines)


def _aligned(rows: t.Sequence[t.Sequence[t.Any]]) -> list[str]:
    shown = [[printable(text) for text in row] for row in rows]
    widths = [max(len(row[column]) for row in shown) for column in range(len(shown[0]))]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in shown
    ]


def _cells(account: Data, row: Data) -> tuple[str, ...]:
    target = (row["cname"] or {}).get("target")
    return (
        account["provider"] or "-",
        row["name"],
        {True: "yes", False: "no", None: "-"}[row["verified"]],
        f"-> {target}" if target else "-",
        _dns(row),
        _https(row),
        _used_by(row),
    )


def _dns(row: Data) -> str:
    if row["dangling"]:
        return "leads there"
    return row["dns"]["status"] if row["dns"] else "-"


def _https(row: Data) -> str:
    if row["cname"] is None:
        return "-"
    text = {True: "yes", False: "no", None: "not offered by the API"}[row["https"]]
    days = days_left(row)
    if days is not None:
        text += f", {days} days left"
    if row["tls"] and row["https"]:
        text += f", TLS {row['tls']['status']}"
    return text


def _used_by(row: Data) -> str:
    if not row["senders"]:
        return users_as_text(row["senders"]) or "-"
    return few(row["senders"], _SENDERS)


def _problems(row: Data) -> str:
    return ", ".join(row["problems"]) or (
        f"retires on {row['retire_on']}" if row["retire_on"] else ""
    )


def _explained(report: Data, pairs: t.Sequence[tuple[Data, Data]]) -> list[str]:
    told = [
        (account["host"], account["error"]) for account in report["accounts"] if account["error"]
    ]
    told += [
        (account["host"], line) for account in report["accounts"] for line in account["warnings"]
    ]
    for account, row in pairs:
        unknown = row["dns"] and row["dns"]["status"] == "unknown"
        lines = why_wrong(row) if row["problems"] or unknown else []
        if lines and what_to_do(row):
            lines.append(f"To do: {what_to_do(row)}")
        if lines:
            told.append((f"{row['name']} ({account['host']})", "\n".join(lines)))
    shown = []
    for who, why in told[:_EXPLAINED]:
        first, *rest = lines_of(why) or [""]
        shown += [f"{printable(who)}: {first}", *(f"  {line}" for line in rest)]
    if len(told) > _EXPLAINED:
        shown.append(f"And {len(told) - _EXPLAINED} more, see the files.")
    return shown


def _drift(report: Data) -> list[str]:
    drift = report["drift"]
    if drift is None:
        return []
    changes = drift["changes"]
    if not changes:
        return [f"Nothing has changed since {printable(drift['since'])}."]
    lines = [f"Since {printable(drift['since'])}:"]
    lines += [f"  {printable(change_as_text(change))}" for change in changes[:_EXPLAINED]]
    if len(changes) > _EXPLAINED:
        lines.append(f"  and {len(changes) - _EXPLAINED} more, see the files")
    return lines
