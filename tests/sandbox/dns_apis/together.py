# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All doubles, the proxy that leads to them and the DNS server that shows their records."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

from ..dns_server import DnsServer
from .authority import Authority
from .cloudflare import CloudflareApi
from .double import ApiDouble
from .hetzner import HetznerCloudApi, HetznerDnsApi
from .proxy import TlsProxy
from .route53 import Route53Api

KINDS: Mapping[str, type[ApiDouble]] = {
    "cloudflare": CloudflareApi,
    "hetzner_dns": HetznerDnsApi,
    "hetzner_cloud": HetznerCloudApi,
    "route53": Route53Api,
}


class DnsApis:
    """Starts the doubles of the named kinds (all of them when none is named).

    zones: names of the zones that exist at every vendor. dns: the server that shows the records,
    which must have these zones; one with empty zones when not given.
    """

    cloudflare: CloudflareApi
    hetzner_dns: HetznerDnsApi
    hetzner_cloud: HetznerCloudApi
    route53: Route53Api

    def __init__(self, zones: Iterable[str], *kinds: str, dns: DnsServer | None = None) -> None:
        zones = list(zones)
        self._own_dns = dns is None
        self.dns = dns or DnsServer(dict.fromkeys(zones, ""))
        self.doubles: dict[str, ApiDouble] = {}
        for kind in kinds or KINDS:
            double = KINDS[kind](zones, dns=self.dns)  # type: ignore[call-arg]
            self.doubles[kind] = double
            setattr(self, kind, double)
        self.proxy: TlsProxy | None = None
        self._running = ExitStack()

    @property
    def environment(self) -> dict[str, str]:
        """What leads modules to the doubles; credentials are not in it, but for Route 53."""
        assert self.proxy is not None, "not started"
        local = "localhost,127.0.0.1,::1"
        variables = {
            "https_proxy": self.proxy.url,
            "HTTPS_PROXY": self.proxy.url,
            "no_proxy": local,
            "NO_PROXY": local,
            "SSL_CERT_FILE": str(self.authority.ca_file),
        }
        if "route53" in self.doubles:
            variables.update(self.route53.environment)
        return variables

    def start(self) -> DnsApis:
        directory = self._running.enter_context(
            tempfile.TemporaryDirectory(prefix="mailops-dns-apis-")
        )
        try:
            self.authority = Authority(Path(directory))
            if self._own_dns:
                self._running.enter_context(self.dns)
            for double in self.doubles.values():
                self._running.enter_context(double)
            # Route 53 needs no proxy: boto can be told an address.
            routes = {
                double.host: double.address
                for kind, double in self.doubles.items()
                if kind != "route53"
            }
            self.proxy = TlsProxy(routes, self.authority)
            self.proxy.start()
            self._running.callback(self.proxy.stop)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        self._running.close()

    def __enter__(self) -> DnsApis:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()
