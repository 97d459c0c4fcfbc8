# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control interface under /_sandbox/: what tests ask and tell the sandbox, as JSON.

Every answer is an object; a request that makes no sense gets status 400 and {"error": ...}.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, request
from werkzeug.exceptions import HTTPException

from .accounts import Account, Sender
from .calls import summary
from .faults import KINDS, Fault
from .switches import Switches
from .vendor import METHODS
from .world import World

Answer = dict[str, Any]


def add_control(app: Flask, world: World) -> None:
    control = Blueprint("control", __name__, url_prefix="/_sandbox")
    routes = _Routes(world)

    def route(path: str, method: str, view: Any) -> None:
        control.add_url_rule(path, f"{method} {path}", view, methods=[method])

    route("/calls", "GET", routes.get_calls)
    route("/calls", "DELETE", routes.delete_calls)
    route("/switches", "GET", routes.get_switches)
    route("/switches", "PUT", routes.put_switches)
    route("/faults", "GET", routes.get_faults)
    route("/faults", "POST", routes.post_fault)
    route("/faults", "DELETE", routes.delete_faults)
    route("/accounts", "GET", routes.get_accounts)
    route("/accounts", "POST", routes.post_account)
    route("/accounts", "PUT", routes.put_account)
    route("/accounts", "DELETE", routes.delete_account)
    route("/state", "GET", routes.get_state)
    route("/state", "PUT", routes.put_state)
    route("/reset", "POST", routes.post_reset)
    control.add_url_rule("/<path:what>", "nothing", _nothing, methods=METHODS)
    control.register_error_handler(ValueError, _bad_request)
    control.register_error_handler(KeyError, _bad_request)
    control.register_error_handler(TypeError, _bad_request)
    control.register_error_handler(HTTPException, _http_error)
    app.register_blueprint(control)


def _bad_request(error: Exception) -> tuple[Answer, int]:
    text = f"missing: {error}" if isinstance(error, KeyError) else str(error)
    return {"error": text}, 400


def _http_error(error: HTTPException) -> tuple[Answer, int]:
    return {"error": error.description}, error.code or 500


def _nothing(what: str) -> tuple[Answer, int]:
    """Else it would pass for a call to the vendor."""
    return {"error": f"there is no {request.method} {what}"}, 404


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    return body


def account_as_dict(account: Account) -> Answer:
    return {
        "vendor": account.vendor,
        "account": account.label,
        "identity": account.identity,
        "secret": account.secret,
        "region": account.region,
        "cname_target": account.target,
        "sending_domains": sorted(account.sending_domains),
    }


class _Routes:
    def __init__(self, world: World) -> None:
        self._world = world

    def _account(self, given: Mapping[str, Any]) -> Account:
        account = self._world.accounts.by_label(given["vendor"], given["account"])
        if account is None:
            raise ValueError(f"{given['vendor']} has no account {given['account']!r}")
        return account

    def _switches(self, given: Mapping[str, Any]) -> Switches:
        if given.get("account"):
            return self._account(given).switches
        return self._world.switches[given["vendor"]]

    def get_calls(self) -> Answer:
        return summary(self._world.calls.find(**self._call_filter()))

    def delete_calls(self) -> Answer:
        self._world.calls.clear(**self._call_filter())
        return {}

    @staticmethod
    def _call_filter() -> dict[str, str]:
        known = ("vendor", "account", "action", "operation", "method", "write", "region", "fault")
        wanted = request.args.to_dict()
        if unknown := set(wanted).difference(known):
            raise ValueError(f"calls are found by {', '.join(known)}, not {', '.join(unknown)}")
        return wanted

    def get_switches(self) -> Answer:
        switches = self._switches(request.args.to_dict())
        meanings = {
            switch.name: {"meaning": switch.meaning, "choices": list(switch.choices)}
            for switch in switches.definitions.values()
        }
        return {"switches": switches.as_dict(), "meanings": meanings}

    def put_switches(self) -> Answer:
        body = _body()
        switches = self._switches(body)
        switches.set(body["switches"])
        return {"switches": switches.as_dict()}

    def get_faults(self) -> Answer:
        wanted = {k: v for k, v in request.args.items() if k in ("vendor", "account")}
        pending = self._world.faults.pending(**wanted)
        return {"faults": [fault.as_dict() for fault in pending], "kinds": KINDS}

    def post_fault(self) -> Answer:
        fault = Fault.from_dict(_body())
        self._world.faults.add(fault)
        return {"fault": fault.as_dict()}

    def delete_faults(self) -> Answer:
        wanted = {k: v for k, v in request.args.items() if k in ("vendor", "account")}
        self._world.faults.clear(**wanted)
        return {}

    def get_accounts(self) -> Answer:
        return {"accounts": [account_as_dict(account) for account in self._world.accounts]}

    def post_account(self) -> Answer:
        body = _body()
        body["label"] = body.pop("account", None)
        return account_as_dict(self._world.create_account(body.pop("vendor"), **body))

    def put_account(self) -> Answer:
        """Change the target, the sending domains, or the senders (SendCloud's API_USERs)."""
        body = _body()
        account = self._account(body)
        with account.lock:
            if "target" in body:
                account.target = str(body["target"])
            if "senders" in body:
                made = [Sender(**given) for given in body["senders"]]
                account.senders = {sender.name: sender for sender in made}
            if "sending_domains" in body:
                account.sending_domains = {name.lower() for name in body["sending_domains"]}
        return account_as_dict(account)

    def delete_account(self) -> Answer:
        account = self._account(request.args.to_dict())
        self._world.reset(account)
        self._world.accounts.remove(account)
        return {}

    def get_state(self) -> Answer:
        account = self._account(request.args.to_dict())
        with account.lock:
            domains = [domain.as_dict() for domain in account.domains.values()]
            senders = [sender.as_row() for sender in account.senders.values()]
        return {"domains": domains, "senders": senders}

    def put_state(self) -> Answer:
        """Put in `domains` and `count` more named by `pattern`; the others go unless `keep`."""
        body = _body()
        account = self._account(body)
        common = {key: body[key] for key in ("verified", "certificate", "created") if key in body}
        domains = [{**common, **given} for given in body.get("domains", ())]
        pattern = body.get("pattern", "track{n}.example.com")
        for number in range(1, int(body.get("count", 0)) + 1):
            domains.append({**common, "name": pattern.replace("{n}", str(number))})
        with account.lock:
            if not body.get("keep"):
                account.domains.clear()
            made = self._world.seed(account, domains)
        return {"domains": [domain.as_dict() for domain in made]}

    def post_reset(self) -> Answer:
        body = request.get_json(silent=True) or {}
        self._world.reset(self._account(body) if body else None)
        return {}
