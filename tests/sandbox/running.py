# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole sandbox in one process: both vendors, the DNS server, the control interface."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from flask import Flask

from .client import SandboxAccount, SandboxClient
from .control import add_control
from .control_dns import add_dns_control
from .dns_server import DnsServer
from .sendclean import SendClean
from .sendcloud import REGIONS, SendCloud
from .server import HttpServer
from .world import VENDORS, World
from .zones import default_zones


@dataclass(frozen=True)
class TsigKey:
    """The key that may update every zone of the sandbox's DNS server."""

    name: str
    secret: str  # base64
    algorithm: str


class Sandbox:
    """Starts everything on free ports of 127.0.0.1; stops it on leaving the context.

    dns_server: (host, port) of another DNS server that verification asks, in place of the built-in
    one; dns=False: none at all, and every verification fails. zones: zone name -> zone-file text,
    for the built-in one. targets: vendor -> what CNAMEs must point to. ports: "sendclean",
    "sendcloud", "dns".
    """

    def __init__(
        self,
        *,
        dns: bool = True,
        dns_server: tuple[str, int] | None = None,
        zones: Mapping[str, str] | None = None,
        targets: Mapping[str, str] | None = None,
        ports: Mapping[str, int] | None = None,
    ) -> None:
        ports = ports or {}
        self.tsig = TsigKey(
            name="sandbox-key",
            secret=base64.b64encode(secrets.token_bytes(32)).decode(),
            algorithm="hmac-sha256",
        )
        self.dns: DnsServer | None = None
        if dns and dns_server is None:
            self.dns = DnsServer(
                dict(zones) if zones is not None else default_zones(),
                {self.tsig.name: (self.tsig.algorithm, self.tsig.secret)},
                port=ports.get("dns", 0),
            )
        self.world = World(dns_server=dns_server, targets=targets)
        apps = {api.name: self._app(api) for api in (SendClean(self.world), SendCloud(self.world))}
        self._servers = {
            name: HttpServer(app, port=ports.get(name, 0)) for name, app in apps.items()
        }
        clean, cloud = self._servers["sendclean"].origin, self._servers["sendcloud"].origin
        self.sendclean_url = f"{clean}/v1.0"
        self.sendcloud_urls = {region: f"{cloud}{base}" for region, base in REGIONS.items()}
        self.sendcloud_url = self.sendcloud_urls["singapore"]
        self.urls = {"sendclean": {"": self.sendclean_url}, "sendcloud": self.sendcloud_urls}
        self.control_url = f"{clean}/_sandbox"
        self.client = SandboxClient(clean, self.urls)
        self._running = ExitStack()

    def _app(self, api: SendClean | SendCloud) -> Flask:
        app = Flask(f"sandbox-{api.name}", static_folder=None)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        add_control(app, self.world)
        if self.dns:
            add_dns_control(app, self.dns)
        api.add_routes(app)
        return app

    @property
    def dns_address(self) -> str | None:
        """host:port of the DNS server that verification asks; none where there is none."""
        server = self.world.checker.server
        return f"{server[0]}:{server[1]}" if server else None

    def start(self) -> Sandbox:
        if self.dns:
            self.dns.start()
            self._running.callback(self.dns.stop)
            self.world.checker.server = self.dns.address
        for server in self._servers.values():
            server.start()
            self._running.callback(server.stop)
        for vendor in VENDORS:
            self.world.create_account(vendor, label="demo")
        return self

    def stop(self) -> None:
        self._running.close()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def demo_account(self, vendor: str) -> SandboxAccount:
        return self.client.existing_account(vendor, "demo")

    def describe(self) -> dict[str, Any]:
        """All that somebody outside needs to use the sandbox; it holds the made-up credentials."""
        clean, cloud = self.demo_account("sendclean"), self.demo_account("sendcloud")
        dns = self.world.checker.server
        return {
            "control_url": self.control_url,
            "sendclean": {
                "url": self.sendclean_url,
                "account": clean.label,
                "owner_id": clean.identity,
                "token": clean.secret,
                "cname_target": clean.target,
            },
            "sendcloud": {
                "url": self.sendcloud_url,
                "urls": self.sendcloud_urls,
                "account": cloud.label,
                "api_user": cloud.identity,
                "api_key": cloud.secret,
                "region": cloud.region,
                "cname_target": cloud.target,
            },
            "dns": dns
            and {
                "address": self.dns_address,
                "host": dns[0],
                "port": dns[1],
                "built_in": self.dns is not None,
                "tsig": {
                    "name": self.tsig.name,
                    "secret": self.tsig.secret,
                    "algorithm": self.tsig.algorithm,
                },
            },
        }
