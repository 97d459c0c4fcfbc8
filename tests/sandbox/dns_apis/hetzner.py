# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doubles of Hetzner's two DNS APIs over one set of records.

The classic one, dns.hetzner.com (community.dns with `hetzner_token`), knows single records; the new
one, api.hetzner.cloud (`hetzner_api_token`, community.dns 3.5.0 and later), knows record sets.
After https://docs.hetzner.cloud/reference/cloud#dns and what community.dns expects.
"""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from flask import request

from ..dns_server import DnsServer
from .double import ApiError, FlaskDouble
from .records import ConflictError, Record, Records

CREATED = "2026-01-01T00:00:00Z"
ZONE_TTL = 3600
NAMES = ("CNAME", "NS", "PTR")


class _Published(Records):
    def published(self, record: Record) -> tuple[str, str]:
        """Values are zone-file text: a name without a last dot is relative to the zone."""
        relative = record.type in NAMES and not record.value.endswith(".")
        return record.type, f"{record.value}.{record.zone}" if relative else record.value


class HetznerDouble(FlaskDouble):
    """What both share. token: the credential. dns: where the records become visible."""

    def __init__(
        self,
        zones: Iterable[str],
        *,
        dns: DnsServer | None = None,
        token: str = "hetzner-test-token",
    ) -> None:
        super().__init__()
        self.token = token
        self.records = _Published(zones, dns)
        for rule, methods in self.routes().items():
            for method, function in methods.items():
                self.app.add_url_rule(rule, f"{method} {rule}", function, methods=[method])

    @abstractmethod
    def routes(self) -> dict[str, dict[str, Any]]:
        """Rule -> method -> function."""

    def add(self, name: str, type: str, value: str, *, ttl: int = 300) -> None:  # noqa: A002
        extra = {"ttl": ttl, "comment": None}
        self.records.add(Record(self.records.zone_of(name), name, type, value, ttl, extra))

    def page(self, key: str, items: list[dict[str, Any]]) -> dict[str, Any]:
        page, size = int(request.args.get("page", 1)), int(request.args.get("per_page", 100))
        pagination = {
            "page": page,
            "per_page": size,
            "last_page": max(1, -(-len(items) // size)),
            "total_entries": len(items),
        }
        shown = items[(page - 1) * size : page * size]
        return {key: shown, "meta": {"pagination": pagination}}


class HetznerDnsApi(HetznerDouble):
    """The classic API, with records. Its ids are text."""

    host = "dns.hetzner.com"

    def routes(self) -> dict[str, dict[str, Any]]:
        base = "/api/v1"
        return {
            f"{base}/zones": {"GET": self._list_zones},
            f"{base}/zones/<zone_id>": {"GET": self._get_zone},
            f"{base}/records": {"GET": self._list, "POST": self._create},
            f"{base}/records/bulk": {"POST": self._create_many},
            f"{base}/records/<record_id>": {
                "GET": self._get,
                "PUT": self._replace,
                "DELETE": self._delete,
            },
        }

    @property
    def credentials(self) -> dict[str, str]:
        return {"hetzner_token": self.token}

    def authenticate(self) -> None:
        if request.headers.get("Auth-API-Token") != self.token:
            raise ApiError(401, {"message": "Invalid authentication credentials"})

    def error_body(self, status: int, message: str) -> dict[str, Any]:
        return {"error": {"message": message, "code": status}}

    # Routes

    def _list_zones(self) -> tuple[dict[str, Any], int]:
        name = request.args.get("name")
        zones = [self._show_zone(zone) for zone in self.records.zones if name in (None, zone)]
        answer = self.page("zones", zones)
        if not zones:
            return {**answer, **self.error_body(404, "zone not found")}, 404
        return answer, 200

    def _get_zone(self, zone_id: str) -> dict[str, Any]:
        return {"zone": self._show_zone(self._zone(zone_id))}

    def _list(self) -> dict[str, Any]:
        zone = self._zone(request.args["zone_id"]) if "zone_id" in request.args else None
        return self.page("records", [self._show(record) for record in self.records.find(zone=zone)])

    def _create(self) -> dict[str, Any]:
        return {"record": self._show(self._add(self.body()))}

    def _create_many(self) -> dict[str, Any]:
        added = [self._show(self._add(given)) for given in self.body().get("records", [])]
        return {"records": added, "valid_records": [], "invalid_records": []}

    def _get(self, record_id: str) -> dict[str, Any]:
        return {"record": self._show(self._record(record_id))}

    def _replace(self, record_id: str) -> dict[str, Any]:
        record = self._read(self.body(), self._record(record_id).id)
        return {"record": self._show(self._checked(record))}

    def _delete(self, record_id: str) -> dict[str, Any]:
        self.records.remove(self._record(record_id))
        return {}

    # Their parts

    def _zone(self, zone_id: str) -> str:
        for zone, number in self.records.zones.items():
            if zone_id == f"zone{number}":
                return zone
        raise self.fail(404, "zone not found")

    def _record(self, record_id: str) -> Record:
        number = record_id.removeprefix("record")
        record = self.records.get(int(number)) if number.isdecimal() else None
        if record is None:
            raise self.fail(404, "record not found")
        return record

    def _add(self, given: dict[str, Any]) -> Record:
        return self._checked(self._read(given, 0))

    def _read(self, given: dict[str, Any], number: int) -> Record:
        if missing := [key for key in ("name", "type", "value", "zone_id") if not given.get(key)]:
            raise self.fail(422, f"422 Unprocessable Entity: missing: {', '.join(missing)}")
        zone, ttl = self._zone(given["zone_id"]), given.get("ttl")
        name = zone if given["name"] == "@" else f"{given['name']}.{zone}".lower()
        extra = {"ttl": ttl, "comment": None}
        return Record(zone, name, given["type"], given["value"], ttl or ZONE_TTL, extra, number)

    def _checked(self, record: Record) -> Record:
        try:
            return self.records.replace(record) if record.id else self.records.add(record)
        except ConflictError as error:
            raise self.fail(422, f"422 Unprocessable Entity: conflicts with {error}") from None

    def _show_zone(self, zone: str) -> dict[str, Any]:
        return {
            "id": f"zone{self.records.zones[zone]}",
            "name": zone,
            "ttl": ZONE_TTL,
            "status": "verified",
            "legacy_ns": [],
            "records_count": len(self.records.find(zone=zone)),
        }

    def _show(self, record: Record) -> dict[str, Any]:
        shown = {
            "id": f"record{record.id}",
            "zone_id": f"zone{self.records.zones[record.zone]}",
            "type": record.type,
            "name": record.prefix,
            "value": record.value,
            "created": CREATED,
            "modified": CREATED,
        }
        return shown if record.extra["ttl"] is None else {**shown, "ttl": record.ttl}


class HetznerCloudApi(HetznerDouble):
    """The new API, with record sets. Every action has succeeded when it is answered."""

    host = "api.hetzner.cloud"

    def __init__(
        self,
        zones: Iterable[str],
        *,
        dns: DnsServer | None = None,
        token: str = "hetzner-cloud-test-token",
    ) -> None:
        super().__init__(zones, dns=dns, token=token)
        self._actions = itertools.count(1)

    def routes(self) -> dict[str, dict[str, Any]]:
        base = "/v1/zones/<zone_id>"
        one = f"{base}/rrsets/<name>/<rdtype>"
        return {
            "/v1/zones": {"GET": self._list_zones},
            base: {"GET": self._get_zone},
            f"{base}/rrsets": {"GET": self._list, "POST": self._create},
            one: {"GET": self._get, "DELETE": self._delete},
            f"{one}/actions/set_records": {"POST": self._set_records},
            f"{one}/actions/change_ttl": {"POST": self._change_ttl},
        }

    @property
    def credentials(self) -> dict[str, str]:
        return {"hetzner_api_token": self.token}

    def authenticate(self) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise self.fail(401, "unable to authenticate")

    def error_body(self, status: int, message: str) -> dict[str, Any]:
        codes = {401: "unauthorized", 404: "not_found", 409: "uniqueness_error", 400: "json_error"}
        code = codes.get(status, "invalid_input")
        return {"error": {"code": code, "message": message, "details": None}}

    # Routes

    def _list_zones(self) -> dict[str, Any]:
        name = request.args.get("name")
        zones = [self._show_zone(zone) for zone in self.records.zones if name in (None, zone)]
        return self.page("zones", zones)

    def _get_zone(self, zone_id: str) -> dict[str, Any]:
        return {"zone": self._show_zone(self._zone(zone_id))}

    def _list(self, zone_id: str) -> dict[str, Any]:
        zone, name = self._zone(zone_id), request.args.get("name")
        found = self.records.find(
            zone=zone,
            name=_full_name(name, zone) if name else None,
            type=request.args.get("type"),
        )
        sets: dict[tuple[str, str], list[Record]] = {}
        for record in found:
            sets.setdefault((record.name, record.type), []).append(record)
        return self.page("rrsets", [self._show(records) for records in sets.values()])

    def _create(self, zone_id: str) -> tuple[dict[str, Any], int]:
        zone, given = self._zone(zone_id), self.body()
        name, rdtype = _full_name(str(given.get("name", "")), zone), str(given.get("type", ""))
        if self.records.find(zone=zone, name=name, type=rdtype):
            raise self.fail(409, "the record set exists already")
        made = self._put([], zone, name, rdtype, given.get("records"), given.get("ttl"))
        return {"rrset": self._show(made), "action": self._action("create_rrset")}, 201

    def _get(self, zone_id: str, name: str, rdtype: str) -> dict[str, Any]:
        return {"rrset": self._show(self._rrset(zone_id, name, rdtype))}

    def _delete(self, zone_id: str, name: str, rdtype: str) -> tuple[dict[str, Any], int]:
        self.records.remove(*self._rrset(zone_id, name, rdtype))
        return {"action": self._action("delete_rrset")}, 201

    def _set_records(self, zone_id: str, name: str, rdtype: str) -> tuple[dict[str, Any], int]:
        present = self._rrset(zone_id, name, rdtype)
        first, records = present[0], self.body().get("records")
        self._put(present, first.zone, first.name, rdtype, records, first.extra["ttl"])
        return {"action": self._action("set_rrset_records")}, 201

    def _change_ttl(self, zone_id: str, name: str, rdtype: str) -> tuple[dict[str, Any], int]:
        present = self._rrset(zone_id, name, rdtype)
        first = present[0]
        records = [{"value": record.value, **record.extra} for record in present]
        self._put(present, first.zone, first.name, rdtype, records, self.body().get("ttl"))
        return {"action": self._action("change_rrset_ttl")}, 201

    # Their parts

    def _zone(self, zone_id: str) -> str:
        for zone, number in self.records.zones.items():
            if zone_id in (zone, str(number)):
                return zone
        raise self.fail(404, "zone not found")

    def _rrset(self, zone_id: str, name: str, rdtype: str) -> list[Record]:
        zone = self._zone(zone_id)
        found = self.records.find(zone=zone, name=_full_name(name, zone), type=rdtype)
        if not found:
            raise self.fail(404, "rrset not found")
        return found

    def _put(
        self,
        present: list[Record],
        zone: str,
        name: str,
        rdtype: str,
        given: Any,
        ttl: int | None,
    ) -> list[Record]:
        """Put a record set in the place of the present one."""
        if not given or not name or not rdtype or (rdtype == "CNAME" and len(given) > 1):
            raise self.fail(422, "invalid input in field 'records'")
        with self.records.lock:
            self.records.remove(*present)
            try:
                return [
                    self.records.add(
                        Record(
                            zone,
                            name,
                            rdtype,
                            record["value"],
                            ttl or ZONE_TTL,
                            {"ttl": ttl, "comment": record.get("comment")},
                        )
                    )
                    for record in given
                ]
            except ConflictError as error:
                raise self.fail(422, f"conflicts with {error}") from None

    def _action(self, command: str) -> dict[str, Any]:
        return {
            "id": next(self._actions),
            "command": command,
            "status": "success",
            "progress": 100,
            "started": CREATED,
            "finished": CREATED,
            "resources": [],
            "error": None,
        }

    def _show_zone(self, zone: str) -> dict[str, Any]:
        return {
            "id": self.records.zones[zone],
            "name": zone,
            "mode": "primary",
            "ttl": ZONE_TTL,
            "status": "ok",
            "record_count": len(self.records.find(zone=zone)),
        }

    def _show(self, records: list[Record]) -> dict[str, Any]:
        first = records[0]
        return {
            "id": f"{first.prefix}/{first.type}",
            "name": first.prefix,
            "type": first.type,
            "ttl": first.extra["ttl"],
            "labels": {},
            "protection": {"change": False},
            "records": [
                {"value": record.value, "comment": record.extra["comment"]} for record in records
            ],
            "zone": self.records.zones[first.zone],
        }


def _full_name(name: str, zone: str) -> str:
    return zone if name == "@" else f"{name}.{zone}".lower() if name else ""
