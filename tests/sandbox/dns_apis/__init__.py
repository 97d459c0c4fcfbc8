# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doubles of DNS vendors' APIs on loopback, for the unmodified modules of the role's back ends.

with DnsApis(["example.test"]) as apis:
    subprocess.run(["ansible-playbook", ...], env={**os.environ, **apis.environment})
    assert apis.cloudflare.writes[0].body["proxied"] is False
    host, port = apis.dns.address         # shows what the APIs were told
"""

from __future__ import annotations

from .authority import Authority
from .cloudflare import CloudflareApi
from .double import ApiRequest
from .hetzner import HetznerCloudApi, HetznerDnsApi
from .proxy import TlsProxy
from .route53 import Route53Api
from .together import DnsApis

__all__ = [
    "ApiRequest",
    "Authority",
    "CloudflareApi",
    "DnsApis",
    "HetznerCloudApi",
    "HetznerDnsApi",
    "Route53Api",
    "TlsProxy",
]
