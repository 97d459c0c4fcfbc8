# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control interface of the doubles: what they were asked, records changed behind one's back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Flask, request

from .double import ApiDouble
from .together import DnsApis

Answer = dict[str, Any]


def control_app(apis: DnsApis) -> Flask:
    app = Flask("dns-apis-control", static_folder=None)

    def double(kind: str) -> ApiDouble:
        return apis.doubles[kind]

    @app.get("/<kind>/requests")
    def get_requests(kind: str) -> Answer:
        """All requests, and how many of them were writes."""
        found = double(kind).requests
        return {
            "requests": [asdict(entry) for entry in found],
            "writes": sum(entry.write for entry in found),
        }

    @app.delete("/<kind>/requests")
    def delete_requests(kind: str) -> Answer:
        double(kind).clear_log()
        return {}

    @app.post("/<kind>/records")
    def add_record(kind: str) -> Answer:
        """JSON: `name`, `type`, `value`, `ttl`; at Cloudflare `proxied` as well."""
        double(kind).add(**request.get_json())
        return {}

    @app.delete("/<kind>/records")
    def remove_records(kind: str) -> Answer:
        """Query: `name` and `type`."""
        double(kind).remove(request.args["name"], request.args["type"])
        return {}

    @app.errorhandler(KeyError)
    def unknown(error: KeyError) -> tuple[Answer, int]:
        return {"error": f"there is no {error}"}, 404

    return app
