# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A double of the Cloudflare API v4: zones and DNS records.

After https://developers.cloudflare.com/api/resources/dns/ and the codes that its users meet.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

from flask import request

from ..dns_server import DnsServer
from .double import ApiError, FlaskDouble
from .records import ConflictError, Record, Records

# What the DNS shows for a proxied record: an address of the vendor's, never the target.
PROXY_ADDRESS = "198.51.100.7"
CREATED = "2026-01-01T00:00:00.000000Z"
PROXIABLE = ("A", "AAAA", "CNAME")


class _Published(Records):
    def published(self, record: Record) -> tuple[str, str]:
        if record.extra["proxied"]:
            return "A", PROXY_ADDRESS
        return record.type, f'"{record.value}"' if record.type == "TXT" else record.value


class CloudflareApi(FlaskDouble):
    """token, or email and key, are the credentials. dns: where its records become visible.

    more_zones: others that the account shows, as the API has them.
    """

    host = "api.cloudflare.com"

    def __init__(
        self,
        zones: Iterable[str],
        *,
        dns: DnsServer | None = None,
        token: str = "cloudflare-test-token",
        email: str = "owner@example.test",
        key: str = "cloudflare-test-key",
    ) -> None:
        super().__init__()
        self.token, self.email, self.key = token, email, key
        self.records = _Published(zones, dns)
        self.more_zones: list[dict[str, Any]] = []
        base, one = "/client/v4/zones/<zone_id>/dns_records", "/<record_id>"
        for rule, method, function in (
            ("/client/v4/zones", "GET", self._list_zones),
            (base, "GET", self._list),
            (base, "POST", self._create),
            (base + one, "GET", self._get),
            (base + one, "PUT", self._overwrite),
            (base + one, "PATCH", self._change),
            (base + one, "DELETE", self._delete),
        ):
            self.app.add_url_rule(rule, f"{method} {rule}", function, methods=[method])

    @property
    def credentials(self) -> dict[str, str]:
        return {
            "api_token": self.token,
            "account_email": self.email,
            "account_api_key": self.key,
        }

    def add(
        self,
        name: str,
        type: str,  # noqa: A002
        value: str,
        *,
        ttl: int = 300,
        proxied: bool = False,
    ) -> None:
        zone = self.records.zone_of(name)
        self.records.add(Record(zone, name, type, value, ttl, _extra(proxied=proxied)))

    def authenticate(self) -> None:
        headers = request.headers
        if "Authorization" not in headers and "X-Auth-Key" not in headers:
            raise ApiError(
                400,
                _failure(9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers"),
            )
        by_token = headers.get("Authorization") == f"Bearer {self.token}"
        by_key = (headers.get("X-Auth-Email"), headers.get("X-Auth-Key")) == (self.email, self.key)
        if not (by_token or by_key):
            raise ApiError(403, _failure(9109, "Invalid access token"))

    def error_body(self, status: int, message: str) -> dict[str, Any]:
        return _failure(7000 if status == 404 else 1000, message)

    # Routes

    def _list_zones(self) -> dict[str, Any]:
        own = [
            {"id": _id(number), "name": zone, "status": "active", "paused": False}
            for zone, number in self.records.zones.items()
        ]
        wanted = {key: request.args.get(key) for key in ("name", "status")}
        return self._page(
            [
                zone
                for zone in [*self.more_zones, *own]
                if all(value in (None, zone[key]) for key, value in wanted.items())
            ]
        )

    def _list(self, zone_id: str) -> dict[str, Any]:
        wanted = {key: request.args.get(key) for key in ("name", "type")}
        content = request.args.get("content")
        found = self.records.find(zone=self._zone(zone_id), value=content, **wanted)
        return self._page([self._show(record) for record in found])

    def _create(self, zone_id: str) -> dict[str, Any]:
        zone, given = self._zone(zone_id), self.body()
        record = self._validated(Record(zone, "", "", "", 1, _extra()), given)
        if self.records.find(name=record.name, type=record.type, value=record.value):
            raise ApiError(400, _failure(81057, "An identical record already exists."))
        return self._store(self.records.add, record)

    def _get(self, zone_id: str, record_id: str) -> dict[str, Any]:
        return _success(self._show(self._record(zone_id, record_id)))

    def _overwrite(self, zone_id: str, record_id: str) -> dict[str, Any]:
        before, given = self._record(zone_id, record_id), self.body()
        blank = Record(before.zone, "", "", "", 1, _extra(), before.id)
        return self._store(self.records.replace, self._validated(blank, given))

    def _change(self, zone_id: str, record_id: str) -> dict[str, Any]:
        before, given = self._record(zone_id, record_id), self.body()
        return self._store(
            self.records.replace, self._validated(before, {**self._show(before), **given})
        )

    def _delete(self, zone_id: str, record_id: str) -> dict[str, Any]:
        record = self._record(zone_id, record_id)
        self.records.remove(record)
        return _success({"id": _id(record.id)})

    # Their parts

    def _zone(self, zone_id: str) -> str:
        for zone, number in self.records.zones.items():
            if number == _number(zone_id):
                return zone
        raise ApiError(404, _failure(7003, "Could not route to the zone, its identifier is wrong."))

    def _record(self, zone_id: str, record_id: str) -> Record:
        record = self.records.get(_number(record_id))
        if record is None or record.zone != self._zone(zone_id):
            raise ApiError(404, _failure(81044, "Record does not exist."))
        return record

    def _validated(self, base: Record, given: dict[str, Any]) -> Record:
        """`base` with the given fields, or the error of the first that is wrong."""
        record = Record(
            zone=base.zone,
            name=_full_name(str(given.get("name", "")), base.zone),
            type=str(given.get("type", "")),
            value=str(given.get("content", "")).removesuffix("."),
            ttl=given.get("ttl", 1),
            extra={key: given.get(key, value) for key, value in base.extra.items()},
            id=base.id,
        )
        if not record.name or not record.value:
            raise _invalid(9000, "DNS name or content is missing.")
        if not _fits(record.type, record.value):
            raise _invalid(9007, f"Content for {record.type} record is invalid.")
        if record.ttl != 1 and not 60 <= record.ttl <= 86400:
            raise _invalid(
                9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic."
            )
        if record.extra["proxied"] and record.type not in PROXIABLE:
            raise _invalid(9004, "This record type cannot be proxied.")
        return record

    def _store(self, put: Callable[[Record], Record], record: Record) -> dict[str, Any]:
        try:
            return _success(self._show(put(record)))
        except ConflictError as error:
            if any(other.type == "CNAME" for other in error.existing):
                failure = _failure(81054, "A CNAME record with that host already exists.")
            else:
                failure = _failure(
                    81053, "An A, AAAA, or CNAME record with that host already exists."
                )
            raise ApiError(400, failure) from None

    def _show(self, record: Record) -> dict[str, Any]:
        return {
            "id": _id(record.id),
            "zone_id": _id(self.records.zones[record.zone]),
            "zone_name": record.zone,
            "name": record.name,
            "type": record.type,
            "content": record.value,
            "proxiable": record.type in PROXIABLE,
            "ttl": record.ttl,
            "settings": {},
            "meta": {},
            "created_on": CREATED,
            "modified_on": CREATED,
            **record.extra,
        }

    @staticmethod
    def _page(items: list[dict[str, Any]]) -> dict[str, Any]:
        page, size = int(request.args.get("page", 1)), int(request.args.get("per_page", 100))
        shown = items[(page - 1) * size : page * size]
        info = {
            "page": page,
            "per_page": size,
            "count": len(shown),
            "total_count": len(items),
            "total_pages": -(-len(items) // size),
        }
        return {**_success(shown), "result_info": info}


def _extra(*, proxied: bool = False) -> dict[str, Any]:
    return {"proxied": proxied, "comment": None, "tags": []}


def _full_name(name: str, zone: str) -> str:
    name = name.lower().removesuffix(".")
    if name in ("", "@", zone):
        return zone if name else ""
    return name if name.endswith(f".{zone}") else f"{name}.{zone}"


def _fits(rdtype: str, value: str) -> bool:
    try:
        version = ipaddress.ip_address(value).version
    except ValueError:
        version = None
    return version == {"A": 4, "AAAA": 6}.get(rdtype)


def _id(number: int) -> str:
    return f"{number:032x}"


def _number(identifier: str) -> int:
    try:
        return int(identifier, 16)
    except ValueError:
        return 0


def _success(result: Any) -> dict[str, Any]:
    return {"result": result, "success": True, "errors": [], "messages": []}


def _failure(code: int, message: str, **more: Any) -> dict[str, Any]:
    error = {"code": code, "message": message, **more}
    return {"result": None, "success": False, "errors": [error], "messages": []}


def _invalid(code: int, message: str) -> ApiError:
    chain = [{"code": code, "message": message}]
    return ApiError(400, _failure(1004, "DNS Validation Error", error_chain=chain))
