# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many accounts as one report: order, counts, what has changed since an earlier one. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import json
import re
import typing as t
from datetime import datetime

from ansible_collections.mailops.email.plugins.module_utils._names import few
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import iso
from ansible_collections.mailops.email.plugins.plugin_utils._audit.accounts import (
    EXPIRING,
    GONE,
    LEAVING,
    MISSING,
    PROBLEMS,
    REASONS_TO_FAIL,
    RETIRING,
    UNREADABLE,
    Data,
    days_left,
    is_unused,
)

SCHEMA = 1


class AuditError(ValueError):
    """What was asked for makes no sense; the text says why, in one line."""


def reasons_from(value: t.Any) -> list[str]:
    """What a run is to fail for: a list, or text with commas, blanks or lines between the words.

    :raises AuditError: a word is unknown.
    """
    if isinstance(value, str):
        value = re.split(r"[\s,]+", value)
    elif value is not None and not isinstance(value, (list, tuple)):
        raise AuditError("fail_on must be a list")
    words = [str(word).strip() for word in value or ()]
    wanted = list(dict.fromkeys(word for word in words if word))
    unknown = [word for word in wanted if word not in REASONS_TO_FAIL]
    if unknown:
        raise AuditError(
            f"fail_on may have {', '.join(REASONS_TO_FAIL)}, but not {few(list(map(repr, unknown)))}"
        )
    return wanted


def days_from(value: t.Any, default: int = 30) -> int:
    """A number of days, also as text; blank is the default.

    :raises AuditError: it is none.
    """
    text = str("" if value is None else value).strip()
    if not text:
        return default
    if isinstance(value, bool) or not re.fullmatch("[0-9]{1,6}", text):
        raise AuditError(f"expires_within must be a number of days, 0 or more, not {text[:60]!r}")
    return int(text)


def report_of(accounts: t.Sequence[Data], *, now: datetime, previous: Data | None = None) -> Data:
    """The report, as its JSON has it.

    :param accounts: from ``accounts.account_of``.
    :param previous: an earlier report.
    """
    ordered = [
        {**account, "tracking_domains": sorted(account["tracking_domains"], key=_badness)}
        for account in accounts
    ]
    report = {
        "schema": SCHEMA,
        "created_at": iso(now),
        "counts": _counts(ordered),
        "drift": None,
        "accounts": ordered,
    }
    if previous:
        report["drift"] = _drift(previous, report)
    return report


def worst_first(report: Data) -> list[tuple[Data, Data]]:
    """Each row of the report with its account, over all accounts."""
    pairs = [
        (account, row) for account in report["accounts"] for row in account["tracking_domains"]
    ]
    return sorted(
        pairs, key=lambda pair: (*_badness(pair[1])[:2], pair[0]["host"], pair[1]["name"])
    )


def _badness(row: Data) -> tuple[float, float, str]:
    """Sorts rows: by the worst problem, what expires first, then what is not known, then the rest."""
    problems = row["problems"]
    worst: float = PROBLEMS.index(problems[0]) if problems else len(PROBLEMS)
    if not problems and row["dns"] and row["dns"]["status"] == "unknown":
        worst -= 0.5
    days = days_left(row) if EXPIRING in problems else None
    return worst, float("inf") if days is None else days, row["name"]


def _counts(accounts: t.Sequence[Data]) -> dict[str, int]:
    rows = [row for account in accounts for row in account["tracking_domains"]]
    there = [row for row in rows if row["state"] not in (MISSING, GONE)]

    def having(problem: str) -> int:
        return sum(problem in row["problems"] for row in rows)

    return {
        "accounts": len(accounts),
        UNREADABLE: sum(account["error"] is not None for account in accounts),
        "tracking_domains": len(there),
        "verified": sum(bool(row["verified"]) for row in there),
        **{problem: having(problem) for problem in PROBLEMS},
        "missing": sum(row["state"] == MISSING for row in rows),
        "retiring": sum(row["state"] in (RETIRING, LEAVING) for row in rows),
        "unused": sum(is_unused(row) for row in rows),
        "unknown": sum(bool(row["dns"]) and row["dns"]["status"] == "unknown" for row in rows),
    }


def failures(report: Data, reasons: t.Sequence[str]) -> list[str]:
    """What the run is to fail for, a line for each reason that there is."""
    lines = []
    for reason in reasons:
        if reason == UNREADABLE:
            names = [account["host"] for account in report["accounts"] if account["error"]]
        else:
            names = [
                row["name"] for _account, row in worst_first(report) if reason in row["problems"]
            ]
        if names:
            lines.append(f"{len(names)} {reason}: {few(names)}")
    return lines


def users_as_text(senders: t.Sequence[str] | None) -> str | None:
    """Who uses a domain; None where that was not read."""
    if senders is None:
        return None
    return ", ".join(senders) or "nobody"


# --- drift ---------------------------------------------------------------------------------------


def read_report(text: str) -> Data:
    """An earlier report.

    :raises AuditError: it is none, or of another schema.
    """
    try:
        report = json.loads(text)
    except ValueError:
        raise AuditError("it is not JSON") from None
    if not isinstance(report, dict) or report.get("schema") != SCHEMA:
        raise AuditError(f"it is no report of this audit (its schema is not {SCHEMA})")
    try:
        for account in report["accounts"]:
            _facts_of(account)
    except (KeyError, TypeError, AttributeError):
        raise AuditError("it is a report that somebody has changed") from None
    return report


def names_in(report: Data | None, host: str) -> list[str]:
    """The names that the report, if there is one, has for this host."""
    return [
        row["name"]
        for account in (report or {"accounts": ()})["accounts"]
        if account["host"] == host
        for row in account["tracking_domains"]
    ]


def _drift(previous: Data, report: Data) -> Data:
    """What is not as it was; accounts that could not be read, now or then, are left out."""
    before, after = _readable(previous), _readable(report)
    drift: Data = {"since": previous.get("created_at"), "changes": []}
    for host in [host for host in after if host in before]:
        for name in dict.fromkeys([*before[host], *after[host]]):
            was, now = before[host].get(name), after[host].get(name)
            if was == now:
                continue
            changed: Data = {"host": host, "name": name}
            if was is None or now is None:
                changed.update(what="added" if was is None else "removed", before=None, after=None)
                drift["changes"].append(changed)
                continue
            drift["changes"] += [
                {**changed, "what": what, "before": was[what], "after": now[what]}
                for what in was
                if was[what] != now[what] and not _was_not_asked(what, was, now)
            ]
    return drift


def _was_not_asked(what: str, was: Data, now: Data) -> bool:
    """Whether one of the two audits did not read the senders: that is no change."""
    return what == "senders" and None in (was[what], now[what])


def _readable(report: Data) -> dict[str, dict[str, Data]]:
    return {
        account["host"]: _facts_of(account)
        for account in report["accounts"]
        if account["error"] is None
    }


def _facts_of(account: Data) -> dict[str, Data]:
    """By name, what is worth to be told when it changes. Days left are not: they do each day."""
    return {
        row["name"]: {
            "verified": row["verified"],
            "dns": row["dns"]["status"] if row["dns"] else None,
            "https": row["https"],
            "certificate": row["certificate"]["not_after"] if row["certificate"] else None,
            "tls": row["tls"]["status"] if row["tls"] else None,
            "senders": users_as_text(row["senders"]),
            "declared": row["declared"],
            "state": row["state"],
            "problems": ", ".join(row["problems"]) or None,
        }
        for row in account["tracking_domains"]
    }


def as_json(report: Data) -> str:
    """The report as text that is harmless wherever it is put: in a page, on a terminal."""
    text = json.dumps(report, indent=2, ensure_ascii=True)
    for char in "<>&\x7f":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text + "\n"
