# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a DNS back end may change, by what its vendor's API shows; and what came of it. No I/O here.

The APIs' modules replace or remove more than they were given, or do not say what stands at a name. So
a back end asks for all records of a zone, takes the steps that are permitted, and asks again.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.mailops.email.plugins.module_utils._dns.changes import (
    ABSENT,
    CHANGE,
    DEFAULT_TTL,
    DNSSEC_TYPES,
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
# The loop variable of the tasks that ask: a zone's name, the answer of the task that looked for the
# zone, or the zone as it was listed.
_ZONE = "tracking_domain__zone"
# Of types whose data is a name.
_NAMED = ("CNAME", "NS", "PTR", "DNAME", "ALIAS")
# Cloudflare's "automatic" is written as 1.
_AUTOMATIC_TTL = 300


@dataclass(frozen=True)
class Rows:
    """What an API shows of a zone.

    :param id: the zone's at the vendor, where it has one.
    :param by_name: its records, as the API has them, by name.
    :param trouble: why that is not known.
    """

    zone: str
    id: str | None = None
    by_name: dict[str, list[Data]] = field(default_factory=dict)
    trouble: str | None = None


def permitted(
    changes: t.Sequence[Data],
    asked: t.Sequence[Data],
    key: str,
    *,
    zones: Data | None = None,
    relative: bool = False,
) -> list[dict[str, t.Any]]:
    """For each change whether it may be made, and by which steps.

    :param changes: as the role hands them to a back end.
    :param asked: the results of the loop that asked for the records of each zone.
    :param key: where in a result the records are, e.g. ``json.result``.
    :param zones: the result of the task that listed all zones, if there is one.
    :param relative: a name in a record's data that does not end with a dot is relative to the zone.
    :return: for each change ``record``, the change itself; ``verdict``, ``change``, ``unchanged`` or
        ``failed``; ``msg``, why; ``seen``, whether it is known what stands at the name, and ``found``,
        ``{type, value, ttl}`` of each record there; ``steps``, what to do, in this order. Of a step
        ``state``, ``type``, ``values`` and ``ttl`` say what is to be there, or of what is to go how it
        stands there; ``there`` is the record or set that it replaces or removes, as the API has it, and
        ``exists`` whether there is one; ``alias``, of an alias of Route 53's what it leads to;
        ``zone_id``; and ``record``, the change.
    """
    rows = _zones(asked, key)
    said = _error_text(zones) if zones else None
    return [_permitted(change, rows, relative=relative, listing=said) for change in changes]


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
    :param tried: the results of the loop over the steps, with ``tracking_domain__change``.
    :param asked: the results of the loop that asked again; void in check mode.
    """
    words: dict[t.Any, str] = {}
    for result in tried:
        step = result.get("tracking_domain__change") or {}
        said = _error_text(result)
        # In check mode nothing else shows a failure; otherwise it is seen what came of it.
        if said and not (check_mode and result.get("changed")):
            words.setdefault((step.get("record") or {}).get("name"), said)
    zones = {} if check_mode else _zones(asked, key)
    return [
        _outcome(each, words.get(each["record"]["name"]), zones, relative, check_mode)
        for each in permitted_
    ]


def outcome_of_tasks(
    record: Data, failed_task: Data | None = None, failed_result: Data | None = None
) -> dict[str, t.Any]:
    """What became of a record that tasks of the user's were to change, as ``dns_update`` says it.

    :param failed_task: the task that failed, as a rescue is given it; so is ``failed_result``.
    """
    result = {key: record.get(key) for key in ("name", "type", "value", "state", "zone")}
    if failed_task is None:
        return {**result, "status": CHANGED, "msg": ""}
    said = failed_result or {}
    hidden = said.get("_ansible_no_log")
    # Of a loop, the first item that failed.
    said = next((each for each in said.get("results") or () if each.get("failed")), said)
    texts = [str(said.get(key) or "").strip() for key in ("msg", "stderr")]
    text = " ".join(each for each in texts if each) or FAILED
    # A rescue is given what no_log hides elsewhere. As text it may be a template that says so.
    if hidden or failed_task.get("no_log") not in (None, False, "", "no", "false", "False"):
        text = "what it said is hidden by no_log"
    name = failed_task.get("name") or "a task"
    return {**result, "status": FAILED, "msg": f"{name}: {text}"}


def _permitted(
    change: Data, zones: t.Mapping[str, Rows], *, relative: bool, listing: str | None = None
) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {
        "record": change,
        "verdict": FAILED,
        "msg": "",
        "seen": False,
        "found": [],
        "steps": [],
    }
    try:
        record = record_from(change)
    except TrackingError as exc:
        result["msg"] = exc.reason
        return result
    if record.zone is None:
        result["msg"] = "its zone is not known"
        return result
    missing = f"asking for zone {record.zone}: {listing or _no_zone(record.zone)}"
    rows = zones.get(record.zone, Rows(record.zone, trouble=missing))
    if rows.trouble is not None:
        result["msg"] = rows.trouble
        return result
    there = [row for row in rows.by_name.get(record.name, []) if _type(row) not in DNSSEC_TYPES]
    found = _found(there, rows.zone, relative=relative)
    result["seen"] = True
    result["found"] = [each.as_result() for each in found]
    decision = _decide(record, rows, there, found)
    result["verdict"] = FAILED if decision.verdict == REFUSED else decision.verdict
    result["msg"] = f"{decision.why}. {decision.hint or ''}".strip()
    if decision.verdict == CHANGE:
        result["steps"] = _steps(record, change, rows, there, relative=relative)
    return result


def _steps(
    record: Record, change: Data, rows: Rows, there: t.Sequence[Data], *, relative: bool
) -> list[dict[str, t.Any]]:
    def removal(row: Data) -> dict[str, t.Any]:
        return {
            "record": change,
            "zone_id": rows.id,
            "state": ABSENT,
            "type": _type(row),
            "values": _values(row),
            "ttl": row.get("ttl"),
            "exists": True,
            "there": row,
            "alias": row.get("alias_target") or {},
        }

    if record.state == ABSENT:
        return [removal(row) for row in there if _is(record, row, rows.zone, relative=relative)]
    replaced = next((row for row in there if _type(row) == "CNAME"), None)
    new = {
        "record": change,
        "zone_id": rows.id,
        "state": record.state,
        "type": "CNAME",
        "values": [f"{record.value}."],
        "ttl": DEFAULT_TTL if record.ttl is None else record.ttl,
        "exists": replaced is not None,
        "there": replaced or {},
        "alias": {},
    }
    return [*(removal(row) for row in there if row is not replaced), new]


def _is(record: Record, row: Data, zone: str, *, relative: bool) -> bool:
    """Whether the row is this very record, and nothing else."""
    found = _found([row], zone, relative=relative)
    return all(each.type == "CNAME" and same_name(each.value, record.value) for each in found)


def _decide(
    record: Record, rows: Rows, there: t.Sequence[Data], found: t.Sequence[FoundRecord]
) -> Decision:
    if same_name(record.name, rows.zone):
        return Decision(REFUSED, "the name is a zone of its own, where a CNAME is not possible")
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
    if again["verdict"] == UNCHANGED:
        return {**result, "status": CHANGED, "msg": f"{done.capitalize()}."}
    if not again["seen"]:
        unseen = f"the result of the change could not be seen: {again['msg']}"
        return {**result, "status": FAILED, "msg": said or unseen}
    msg = said or (
        f"the change was accepted, but the name has {_listed(again['found']) or 'no record'}"
    )
    gone = _listed(each for each in given["found"] if each not in again["found"])
    if gone:
        msg = f"{msg.rstrip('.')}. Already removed: {gone}."
    return {**result, "status": FAILED, "msg": msg}


def _listed(found: t.Iterable[Data]) -> str:
    return listed(FoundRecord(each["type"], each["value"]) for each in found)


# --- what an API shows ---------------------------------------------------------------------------


def _zones(asked: t.Sequence[Data], key: str) -> dict[str, Rows]:
    zones: dict[str, Rows] = {}
    for result in asked:
        item = result.get(_ZONE)
        zone = _name_of_zone(item)
        if zone in zones:
            zones[zone] = Rows(zone, trouble=_several(zone))
            continue
        rows = _at(result, key)
        trouble = _trouble(zone, item, result, rows)
        if trouble:
            zones[zone] = Rows(zone, trouble=trouble)
            continue
        by_name: dict[str, list[Data]] = {}
        for row in rows:
            by_name.setdefault(_name(row), []).append(row)
        zones[zone] = Rows(zone, _id_of_zone(item), by_name)
    return zones


def _name_of_zone(item: t.Any) -> str:
    name = (item.get(_ZONE) or item.get("name")) if isinstance(item, t.Mapping) else item
    return str(name).rstrip(".").lower()


def _id_of_zone(item: t.Any) -> str | None:
    found = _at(item, "json.result")
    number = found[0].get("id") if isinstance(found, list) and found else _at(item, "id")
    # Route 53 puts /hostedzone/ before it.
    return str(number).rsplit("/", maxsplit=1)[-1] if number else None


def _trouble(zone: str, item: t.Any, result: Data, rows: t.Any) -> str | None:
    """Why the records of a zone are not known, if that is so."""
    about = f"asking for zone {zone}: "
    if isinstance(item, t.Mapping) and _ZONE in item:
        said, found = _error_text(item), _at(item, "json.result")
        if said or not isinstance(found, list):
            return about + (said or "the answer has no list of zones")
        if not found:
            return about + _no_zone(zone)
        if len(found) > 1:
            return _several(zone)
    said = _error_text(result)
    if said or not isinstance(rows, list):
        return about + (said or "the answer has no list of records")
    total = _at(result, "json.result_info.total_count")
    if isinstance(total, int) and total != len(rows):
        return f"{about}the API lists only {len(rows)} of its {total} records"
    return None


def _no_zone(zone: str) -> str:
    return f"the account has no zone {zone} that these credentials may read"


def _several(zone: str) -> str:
    return f"asking for zone {zone}: the account has several zones of this name"


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
    success = _at(result, "json.success")
    if success is True or result.get("skipped"):
        return None
    for key in ("msg", "module_stderr", "stderr"):
        text = str(result.get(key) or "").strip()
        if text and not text.startswith("OK ("):
            return text
    return None if success is None else "the API reports a failure and no reason"


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
        if ttl == 1 and "proxied" in row:
            ttl = _AUTOMATIC_TTL
        for value in _values(row) or [""]:
            text = value
            if _at(row, "alias_target.dns_name"):
                text = f"alias of {text}"
            elif kind in _NAMED:
                if relative and not text.endswith("."):
                    text = f"{text}.{zone}"
                text = text.rstrip(".").lower()
            found.append(FoundRecord(kind, text, ttl if isinstance(ttl, int) else None))
    return found
