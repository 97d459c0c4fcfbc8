# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Route 53: moto's server, with a log of requests and with its records in the live DNS."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from http.client import HTTPConnection
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from ..dns_server import DnsServer
from .double import ApiDouble, ApiRequest

REGION = "us-east-1"
CONTROL_KEY = "route53-test-control"
NAMESPACE = "{https://route53.amazonaws.com/doc/2013-04-01/}"
DENIED = """<?xml version="1.0"?>
<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Error><Type>Sender</Type>
<Code>AccessDenied</Code>
<Message>User is not authorized to perform: route53:ChangeResourceRecordSets</Message>
</Error></ErrorResponse>"""
CONFLICT = """<?xml version="1.0"?>
<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Error><Type>Sender</Type>
<Code>InvalidChangeBatch</Code>
<Message>[RRSet of type {0} with DNS name {1}. conflicts with other records there]</Message>
</Error></ErrorResponse>"""


class Route53Api(ApiDouble):
    """zones: public hosted zones that exist. dns: where the records become visible.

    moto keeps its state in the process: one of these at a time. Any access key will do.
    denied: names that the credentials may not change.
    """

    host = "route53.amazonaws.com"
    access_key, secret_key = "route53-test-access-key", "route53-test-secret-key"

    def __init__(self, zones: Iterable[str], *, dns: DnsServer | None = None) -> None:
        super().__init__()
        self.zones, self.dns = list(zones), dns
        self.denied: set[str] = set()
        self._present: set[tuple[str, str]] = set()

    @property
    def url(self) -> str:
        host, port = self.address
        return f"http://{host}:{port}"

    @property
    def environment(self) -> dict[str, str]:
        """What boto needs to come here; the keys are made up."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @property
    def wsgi_app(self) -> Any:
        # Here, because it takes a second that only its users should pay.
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        moto = DomainDispatcherApplication(create_backend_app)
        return lambda environ, start_response: self._serve(moto, environ, start_response)

    def start(self) -> Route53Api:
        super().start()
        with closing(HTTPConnection(*self.address, timeout=10)) as connection:
            connection.request("POST", "/moto-api/reset")  # an earlier server's records
            connection.getresponse().read()
        with closing(self.client()) as client:
            for name in self.zones:
                client.create_hosted_zone(Name=name, CallerReference=name)
        self.clear_log()
        return self

    def client(self) -> Any:
        """A boto3 client of this server whose requests are not logged."""
        import boto3  # type: ignore[import-untyped]

        return boto3.client(
            "route53",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=CONTROL_KEY,
            aws_secret_access_key=self.secret_key,
        )

    @property
    def credentials(self) -> dict[str, str]:
        return {"access_key": self.access_key, "secret_key": self.secret_key}

    def add(self, name: str, type: str, value: str, *, ttl: int = 300) -> None:  # noqa: A002
        record = {"Name": name, "Type": type, "TTL": ttl, "ResourceRecords": [{"Value": value}]}
        self.add_set(name, record)

    def add_set(self, name: str, record: dict[str, Any]) -> None:
        """Put a record set in as the API has it: an alias, or one of several."""
        zone = max((zone for zone in self.zones if f".{name}".endswith(f".{zone}")), key=len)
        with closing(self.client()) as client:
            [found] = [
                each["Id"]
                for each in client.list_hosted_zones()["HostedZones"]
                if each["Name"] == f"{zone}." and not each["Config"]["PrivateZone"]
            ]
            _change(client, found, "CREATE", record)

    def remove(self, name: str, type: str) -> None:  # noqa: A002
        with closing(self.client()) as client:
            for zone in client.list_hosted_zones()["HostedZones"]:
                for record in _records(client, zone["Id"]):
                    if (record["Name"], record["Type"]) == (f"{name}.", type):
                        _change(client, zone["Id"], "DELETE", record)

    def _serve(self, moto: Any, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        statuses: list[str] = []

        def note(status: str, *rest: Any) -> Any:
            statuses.append(status)
            return start_response(status, *rest)

        changes = _changes(body)
        present, conflict = self._after(changes)
        error = CONFLICT.format(*conflict) if conflict else None
        controls = CONTROL_KEY in environ.get("HTTP_AUTHORIZATION", "")
        if not controls and any(change["name"] in self.denied for change in changes):
            error = DENIED
        if error:
            answer = [error.encode()]
            length = str(len(answer[0]))
            note(
                "403 Forbidden" if error is DENIED else "400 Bad Request",
                [("Content-Type", "text/xml"), ("Content-Length", length)],
            )
        else:
            answer = list(moto(environ, note))
        status = int(statuses[-1].split()[0])
        if not controls:
            self.log(
                ApiRequest(
                    method=environ["REQUEST_METHOD"],
                    path=environ["PATH_INFO"],
                    query=dict(parse_qsl(environ["QUERY_STRING"])),
                    body=changes or body.decode(errors="replace") or None,
                    status=status,
                )
            )
        if status == 200:
            self._present = present
            for change in changes:
                self._publish(self.dns, change)
        return answer

    def _after(
        self, changes: list[dict[str, Any]]
    ) -> tuple[set[tuple[str, str]], tuple[str, str] | None]:
        """The record sets (name, type) after the changes, and the one that must not be there:
        Route 53 has no other record beside a CNAME, which moto does not look at."""
        present = set(self._present)
        for change in changes:
            name, rdtype = change["name"], change["type"]
            present.discard((name, rdtype))
            if change["action"] == "DELETE":
                continue
            if any(name == other and "CNAME" in (rdtype, kind) for other, kind in present):
                return present, (rdtype, name)
            present.add((name, rdtype))
        return present, None

    @staticmethod
    def _publish(dns: DnsServer | None, change: dict[str, Any]) -> None:
        if dns is None or "alias" in change:
            return
        if change["action"] == "DELETE":
            dns.delete(change["name"], change["type"])
        else:
            dns.set(change["name"], change["type"], *change["values"], ttl=change["ttl"])


def _records(client: Any, zone_id: str) -> list[dict[str, Any]]:
    pages = client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone_id)
    return [record for page in pages for record in page["ResourceRecordSets"]]


def _change(client: Any, zone_id: str, action: str, record: dict[str, Any]) -> None:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    client.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)


def _changes(body: bytes) -> list[dict[str, Any]]:
    """The changes of a ChangeResourceRecordSets request: action, name, type, ttl, values, alias
    (of an alias: the name that it leads to, and whether that name's health counts)."""
    if b"ChangeResourceRecordSetsRequest" not in body:
        return []
    found = []
    for change in ElementTree.fromstring(body).iter(f"{NAMESPACE}Change"):
        text = {
            element.tag.removeprefix(NAMESPACE): element.text or "" for element in change.iter()
        }
        alias = {key: text[key] for key in ("DNSName", "EvaluateTargetHealth") if key in text}
        found.append(
            {
                "action": text["Action"],
                "name": text["Name"].removesuffix("."),
                "type": text["Type"],
                "ttl": int(text.get("TTL", 300)),
                "values": [value.text for value in change.iter(f"{NAMESPACE}Value")],
                **({"alias": alias} if alias else {}),
            }
        )
    return found
