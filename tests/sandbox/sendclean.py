# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SendClean's tracking-domain calls: a JSON body with owner_id and token, errors of few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import request

from .accounts import Account, TrackingDomain, now
from .calls import Call
from .names import is_domain
from .replies import Reply, json_reply
from .switches import Switches
from .vendor import VendorApi, VendorError

_MESSAGES = {
    "ValidationError": "domain name required !!",
    "GeneralError": "Unable to process your request",
    "AuthenticationError": "Token MissMatch",
    "Invalid Request": "Page Not Found",
}
_HTTP_STATUS = {"ValidationError": 400, "AuthenticationError": 401, "Invalid Request": 404}
_PER_SECOND = {"seconds": 1, "milliseconds": 1_000, "microseconds": 1_000_000}
_NONSENSE_DATE = 67457775764  # the seed's sample; sensible in no unit


class SendClean(VendorApi):
    name = "sendclean"
    groups = ("settings",)
    actions: ClassVar[Mapping[str, str]] = {
        "addTrackingDomain": "add",
        "checkTrackingDomain": "check",
        "listTrackingDomain": "list",
        "deleteTrackingDomain": "delete",
    }
    identity_parameter = "owner_id"
    fault_code = "GeneralError"
    rate_limit_code = "GeneralError"

    def bases(self) -> Mapping[str, str]:
        return {"/v1.0": ""}

    def allows(self, method: str, operation: str) -> bool:
        return method == "POST"

    def parameters(self) -> dict[str, Any]:
        value = request.get_json(silent=True)  # none for another content type than JSON
        return value if isinstance(value, dict) else {}

    def authenticate(
        self, parameters: Mapping[str, Any], account: Account | None, region: str
    ) -> Account:
        for key in ("owner_id", "token"):
            if not parameters.get(key) or not isinstance(parameters[key], str):
                raise VendorError("ValidationError", f"{key} required !!")
        if account is None:
            raise VendorError("AuthenticationError", "Owner Id and Token MisMatch")
        if parameters["token"] != account.secret:
            raise VendorError("AuthenticationError", "Token MissMatch")
        return account

    def perform(self, call: Call, account: Account, parameters: Mapping[str, Any]) -> Reply:
        if call.operation == "list":
            return self._list_domains(account)
        name = parameters.get("domain")
        if not name or not isinstance(name, str):
            raise VendorError("ValidationError")
        # A name that is there already is taken as it is spelled, however it got there.
        if not account.find(name) and (not is_domain(name) or len(name) > 253):
            raise VendorError("ValidationError", "Invalid domain name")
        if call.operation == "check":
            return self._check(account, name)
        with account.lock:
            if call.operation == "add":
                return self._add(call, account, name)
            return self._delete(call, account, name)

    def _list_domains(self, account: Account) -> Reply:
        refreshed = account.switches["check_refreshes_list"]
        with account.lock:
            rows = [
                {
                    "domain": domain.name,
                    "create_date": _create_date(domain, account.switches["create_date_unit"]),
                    "cname": {
                        "valid": _yes(domain.verified if refreshed else domain.listed_verified)
                    },
                }
                for domain in account.listed()
            ]
        return json_reply({"status": "success", account.switches["list_key"]: rows})

    def _add(self, call: Call, account: Account, name: str) -> Reply:
        if account.find(name):
            if account.switches["add_existing"] == "error":
                raise VendorError("ValidationError", "Tracking Domain Already Exists")
        else:
            account.put(
                TrackingDomain(
                    name=name if account.switches["keeps_case"] else name.lower(),
                    id=self.world.accounts.next_id(),
                    hidden_lists=account.switches["list_lag"],
                )
            )
            call.took_effect = True
        return json_reply({"status": "success", "message": "Tracking Domain Added"})

    def _delete(self, call: Call, account: Account, name: str) -> Reply:
        domain = account.find(name)
        if domain:
            call.took_effect = account.delete(domain)
        elif account.switches["delete_unknown"] == "error":
            raise VendorError("ValidationError", "Tracking Domain Not Found")
        return json_reply({"status": "success", "message": "Tracking Domain Deleted"})

    def _check(self, account: Account, name: str) -> Reply:
        with account.lock:
            domain = account.find(name)
        if domain is None and account.switches["check_unknown"] == "error":
            raise VendorError("ValidationError", "Tracking Domain Not Found")
        verified = domain is not None and self.world.checker.check(account, name)
        if domain is not None:
            with account.lock:
                domain.verified, domain.updated = verified, now()
                domain.checks += 1
        valid = _yes(verified)
        as_struct = account.switches["check_cname"] == "struct"
        said = {"domain": name}
        if account.switches["check_says"] == "message":
            said = {"message": "Tracking Domain Checked"}
        return json_reply(
            {
                "status": "success",
                **said,
                "valid_tracking": valid,
                "cname": {"valid": valid} if as_struct else valid,
            }
        )

    def error(self, error: VendorError, switches: Switches) -> Reply:
        kind = str(error.code)
        status = 200
        if switches["error_http_status"] == "by_kind":
            status = _HTTP_STATUS.get(kind, 500)
        answer: dict[str, Any] = {
            "status": "error",
            "code": -1 if switches["error_code"] == "integer" else "-1",
        }
        if switches["error_kind_in"] != "absent":
            answer[switches["error_kind_in"]] = kind
        answer["message"] = error.message or _MESSAGES.get(kind, "Unknown error")
        return json_reply(answer, status=status, vendor_code=kind)

    def rate_limited(self, switches: Switches) -> Reply:
        reply = self.error(VendorError(self.rate_limit_code, "Too Many Requests"), switches)
        reply.status = 429  # at every setting, and without Retry-After
        return reply

    def unknown(self, switches: Switches) -> Reply:
        if switches["unknown_action"] == "invalid_request":
            return self.error(VendorError("Invalid Request"), switches)
        return json_reply({"status": "error", "message": "Page not found"})


def _yes(value: bool) -> str:
    return "Yes" if value else "No"


def _create_date(domain: TrackingDomain, unit: str) -> int:
    if unit == "nonsense":
        return _NONSENSE_DATE + domain.id % 1000
    return int(domain.created.timestamp()) * _PER_SECOND[unit]
