# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control interface to the sandbox's DNS server: its records, what it was asked and told."""

from __future__ import annotations

import dataclasses
from typing import Any

from flask import Blueprint, Flask, request

from .dns_server import DnsServer

Answer = dict[str, Any]


def add_dns_control(app: Flask, server: DnsServer) -> None:
    control = Blueprint("dns", __name__, url_prefix="/_sandbox/dns")

    @control.get("/records")
    def get_records() -> Answer:
        return {"values": server.get(request.args["name"], request.args["type"])}

    @control.put("/records")
    def put_records() -> Answer:
        given = request.get_json()
        server.set(given["name"], given["type"], *given["values"], ttl=int(given.get("ttl", 300)))
        return {}

    @control.delete("/records")
    def delete_records() -> Answer:
        server.delete(request.args["name"], request.args.get("type"))
        return {}

    @control.put("/behaviour")
    def put_behaviour() -> Answer:
        """How the server misbehaves for each name given; see DnsServer.behaviour. Replaces all."""
        server.behaviour.clear()
        for name, behaviour in request.get_json().items():
            server.behaviour[name] = behaviour
        return {}

    @control.get("/log")
    def get_log() -> Answer:
        return {
            "queries": [dataclasses.asdict(query) for query in list(server.queries)],
            "updates": [dataclasses.asdict(update) for update in list(server.updates)],
        }

    @control.delete("/log")
    def delete_log() -> Answer:
        server.clear_logs()
        return {}

    @control.errorhandler(ValueError)
    @control.errorhandler(KeyError)
    def bad_request(error: Exception) -> tuple[Answer, int]:
        return {"error": str(error)}, 400

    app.register_blueprint(control)
