# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a DNS back end may change, by what its vendor's API shows; and what came of it. No I/O here.

The APIs' modules replace or remove more than they were given, or do not say what stands at a name. So
a back end asks for all records of a zone, changes what is permitted, and asks again.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.mailops.email.plugins.module_utils._dns.changes import (
    ABSENT,
    CHANGE,
    REFUSED,
    UNCHANGED,
    Decision,
    FoundRecord,
    Record,
    decide,
    listed,
    record_from,
)
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import same_name

Data = t.Mapping[str, t.Any]

FAILED = "failed"
CHANGED = "changed"
# The loop variable of the tasks that ask: a zone, or the answer of the task that looked for the zone.
_ZONE = "tracking_domain__zone"
# Of types whose data is a name.
_NAMED = ("CNAME", "NS", "PTR", "DNAME", "ALIAS")


@dataclass(frozen=True)
class Rows:
    """What an API shows of a zone.

    :param by_name: its records, as the API has them, by name.
    :param trouble: why that is not known.
    """

    zone: str
    by_name: dict[str, list[Data]] = field(default_factory=dict)
    trouble: str | None = None


def permitted(
    changes: t.Sequence[Data], asked: t.Sequence[Data], key: str, *, relative: bool = False
) -> list[dict[str, t.Any]]:
    """For each change whether it may be made.

    :param changes: as the role hands them to a back end.
    :param asked: the results of the loop that asked for the records of each zone.
    :param key: where in a result the records are, e.g. ``json.result``.
    :param relative: a name in a record's data that does not end with a dot is relative to the zone.
    :return: for each change ``record``, the change itself; ``verdict``, ``change``, ``unchanged`` or
        ``failed``; ``msg``, why; ``found``, ``{type, value, ttl}`` of what stands at the name;
        ``values`` and ``ttl`` of the CNAME to write, or of the one to remove as the API has it;
        ``exists``, whether a CNAME is there; ``only_ttl``, whether nothing but the time to live differs;
        ``obstacles``, other records that have to go first, as the API has them, with ``zone``,
        ``type``, ``values`` and ``record``.
    """
    zones = _zones(asked, key)
    return [_permitted(change, zones, relative=relative) for change in changes]


def outcomes(
    permitted_: t.Sequence[Data],
    tried: t.Sequence[Data],
    asked: t.Sequence[Data],
    key: str,
    *,
    relative: bool = False,
    check_mode: bool = False,
) -> list[dict[str, t.Any]]:
    """What became of each change, as ``dns_update`` says it.

    :param permitted_: what ``permitted`` returned.
    :param tried: the results of the loops that removed and changed, with ``tracking_domain__change``.
    :param asked: the results of the loop that asked again; void in check mode.
    """
    words: dict[t.Any, str] = {}
    for result in tried:
        change = result.get("tracking_domain__change") or {}
        said = _error_text(result)
        # In check mode nothing else shows a failure; otherwise it is seen what came of it.
        if said and not (check_mode and result.get("changed")):
            words.setdefault((change.get("record") or {}).get("name"), said)
    zones = {} if check_mode else _zones(asked, key)
    return [
        _outcome(each, words.get(each["record"]["name"]), zones, relative, check_mode)
        for each in permitted_
    ]


def _permitted(change: Data, zones: t.Mapping[str, Rows], *, relative: bool) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {
        "record": change,
        "verdict": FAILED,
        "msg": "",
        "found": [],
        "values": [f"{change.get('value')}."],
        "ttl": change.get("ttl"),
        "exists": False,
        "only_ttl": False,
        "obstacles": [],
    }
    try:
        record = record_from(change)
    except TrackingError as exc:
        result["msg"] = exc.reason
        return result
    rows = zones.get(record.zone or "", Rows(record.zone or "", trouble="its zone is not known"))
    if rows.trouble is not None:
        result["msg"] = rows.trouble
        return result
    there = rows.by_name.get(record.name, [])
    found = _found(there, rows.zone, relative=relative)
    result["found"] = [each.as_result() for each in found]
    decision = _decide(record, rows, there, found)
    result["verdict"] = FAILED if decision.verdict == REFUSED else decision.verdict
    result["msg"] = f"{decision.why}. {decision.hint or ''}".strip()
    if decision.verdict != CHANGE:
        return result
    if record.state != ABSENT and not any(row.get("proxied") for row in there):
        result["only_ttl"] = decide(replace(record, ttl=None), found).verdict == UNCHANGED
    for row in there:
        if _type(row) == "CNAME":
            result["exists"] = True
            if record.state == ABSENT:
                result["values"], result["ttl"] = _values(row), row.get("ttl")
        else:
            result["obstacles"].append(
                {
                    **row,
                    "record": change,
                    "zone": rows.zone,
                    "type": _type(row),
                    "values": _values(row),
                }
            )
    return result


def _decide(
    record: Record, rows: Rows, there: t.Sequence[Data], found: t.Sequence[FoundRecord]
) -> Decision:
    if same_name(record.name, rows.zone):
        return Decision(REFUSED, "the name is a zone of its own, where no CNAME can be")
    cut = next(
        (
            name
            for name, others in rows.by_name.items()
            if name != rows.zone
            and record.name.endswith(f".{name}")
            and any(_type(row) == "NS" for row in others)
        ),
        None,
    )
    if cut:
        return Decision(
            REFUSED,
            f"the name is in the zone {cut}, which {rows.zone} delegates to other servers",
            "Change the record where that zone is.",
        )
    decision = decide(record, found)
    if decision.verdict == CHANGE and any(row.get("set_identifier") for row in there):
        return Decision(
            REFUSED,
            f"the name has {listed(found)} with a routing policy",
            "Remove what is no longer needed yourself.",
        )
    if decision.verdict == UNCHANGED and any(row.get("proxied") for row in there):
        return Decision(CHANGE, "the record is hidden behind a proxy")
    return decision


def _outcome(
    given: Data,
    said: str | None,
    zones: t.Mapping[str, Rows],
    relative: bool,
    check_mode: bool,
) -> dict[str, t.Any]:
    record = given["record"]
    result = {
        **{key: record.get(key) for key in ("name", "type", "value", "state", "zone")},
        "status": given["verdict"],
        "found": given["found"],
        "msg": given["msg"],
    }
    if given["verdict"] != CHANGE:
        return result
    absent = record["state"] == ABSENT
    done = "removed" if absent else "published"
    if check_mode:
        after = [] if absent else [{key: record[key] for key in ("type", "value", "ttl")}]
        failed = {"status": FAILED, "msg": said}
        would = {"status": CHANGED, "msg": f"Would be {done}.", "found": after}
        return {**result, **(failed if said else would)}
    again = _permitted(record, zones, relative=relative)
    result["found"] = again["found"]
    # A vendor may have a least time to live of its own.
    if again["verdict"] == UNCHANGED or again["only_ttl"]:
        return {**result, "status": CHANGED, "msg": f"{done.capitalize()}."}
    what = (
        listed(FoundRecord(each["type"], each["value"]) for each in again["found"]) or "no record"
    )
    unseen = f"the change was accepted, but the name has {what}"
    if again["verdict"] == FAILED and not again["found"]:
        unseen = f"nobody has seen what came of the change: {again['msg']}"
    return {**result, "status": FAILED, "msg": said or unseen}


# --- what an API shows ---------------------------------------------------------------------------


def _zones(asked: t.Sequence[Data], key: str) -> dict[str, Rows]:
    zones: dict[str, Rows] = {}
    for result in asked:
        before = result.get(_ZONE)
        zone = before.get(_ZONE) if isinstance(before, t.Mapping) else before
        rows = _at(result, key)
        if not isinstance(rows, list):
            trouble = _error_text(result)
            if trouble is None and isinstance(before, t.Mapping):
                trouble = _error_text(before)
            trouble = trouble or f"there is no zone {zone} in this account"
            zones[str(zone)] = Rows(str(zone), trouble=f"asking for zone {zone}: {trouble}")
            continue
        pages = _at(result, "json.result_info.total_pages")
        if isinstance(pages, int) and pages > 1:
            trouble = f"zone {zone} has more records than are listed at once"
            zones[str(zone)] = Rows(str(zone), trouble=trouble)
            continue
        by_name: dict[str, list[Data]] = {}
        for row in rows:
            by_name.setdefault(_name(row), []).append(row)
        zones[str(zone)] = Rows(str(zone), by_name)
    return zones


def _at(result: t.Any, path: str) -> t.Any:
    for key in path.split("."):
        if not isinstance(result, t.Mapping):
            return None
        result = result.get(key)
    return result


def _error_text(result: Data) -> str | None:
    """What went wrong, where a result says so."""
    errors = _at(result, "json.errors")
    texts: list[t.Any] = []
    if isinstance(errors, list):
        for error in errors:
            chain = error.get("error_chain") if isinstance(error, t.Mapping) else None
            for each in [error, *(chain or [])]:
                if isinstance(each, t.Mapping):
                    texts.append(f"{each.get('message')} ({each.get('code')})")
    if texts:
        return ", ".join(texts)
    if _at(result, "json.success") is True or result.get("skipped"):
        return None
    for key in ("msg", "module_stderr", "stderr"):
        text = str(result.get(key) or "").strip()
        if text and not text.startswith("OK ("):
            return text
    return None


def _name(row: Data) -> str:
    """Of a record, in lower case without its final dot."""
    text = str(row.get("record") or row.get("name") or "")
    # Route 53 shows some characters by their octal number.
    text = re.sub(r"\\(\d{3})", lambda match: chr(int(match[1], 8)), text)
    return text.rstrip(".").lower()


def _type(row: Data) -> str:
    return str(row.get("type") or "").upper()


def _values(row: Data) -> list[str]:
    """The data of a record or of a set of records, as the API has it."""
    for key in ("value", "values", "content"):
        if row.get(key):
            given = row[key]
            return [str(each) for each in given] if isinstance(given, list) else [str(given)]
    alias = _at(row, "alias_target.dns_name")
    if alias:
        return [str(alias)]
    return [str(each.get("value")) for each in row.get("resource_records") or ()]


def _found(rows: t.Iterable[Data], zone: str, *, relative: bool) -> list[FoundRecord]:
    found = []
    for row in rows:
        kind, ttl = _type(row), row.get("ttl")
        for value in _values(row):
            text = value
            if kind in _NAMED:
                if relative and not text.endswith("."):
                    text = f"{text}.{zone}"
                text = text.rstrip(".").lower()
            found.append(FoundRecord(kind, text, ttl if isinstance(ttl, int) else None))
    return found
